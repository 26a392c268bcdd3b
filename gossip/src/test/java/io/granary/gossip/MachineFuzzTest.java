package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Peer.Subject;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;
import io.granary.gossip.wire.MessageType;
import io.granary.gossip.wire.PingExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Peers that say anything at all, well-formed but senseless: the machine stays in order. */
final class MachineFuzzTest {

    private static final int STEPS = 3000;

    private final Random random = new Random();
    private final Subject subject = Subject.fresh();
    private final List<NodeId> ids = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();

    @Test
    void nothingThatPeersSayBringsTheMachineOutOfOrder() {
        long seed = Long.getLong("seed", System.nanoTime());
        random.setSeed(seed);
        ids.add(subject.gossip.myself());
        for (char name : "abcd3".toCharArray()) {
            peers.add(new Peer(subject, name));
            ids.add(peers.getLast().id);
        }
        ids.add(NodeId.random(random));
        try {
            for (int step = 0; step < STEPS; step++) {
                step(peers.get(random.nextInt(peers.size())));
                inOrder();
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private void step(Peer peer) {
        peer.currentEpoch = random.nextInt(50);
        peer.configEpoch = random.nextInt(50);
        peer.slots = slots();
        peer.primary = random.nextInt(3) == 0 ? id() : null;
        peer.messageFlags = random.nextInt(8);
        peer.stamp = random.nextInt(4) == 0 ? null : new BusHeader.Stamp(random.nextInt(2), random.nextInt(10_000));
        long link = random.nextBoolean() ? peer.link : peer.ourLink;
        switch (random.nextInt(12)) {
            case 0 -> peer.send(link, new BusMessage.Fail(peer.header(), id()));
            case 1 -> peer.send(link, new BusMessage.Update(peer.header(), random.nextInt(60), id(), slots()));
            case 2 -> peer.send(link, new BusMessage.FailoverAuthRequest(peer.header()));
            case 3 -> subject.give(new Input.LinkDown(link, random.nextBoolean()));
            case 4 -> peer.reconnect();
            case 5 -> subject.pass(100);
            case 6 -> subject.ask(new OperatorRequest.AddSlots(new int[] {random.nextInt(40)}));
            case 7 -> subject.ask(new OperatorRequest.SetSlotNode(random.nextInt(40), id().hex(), false));
            case 8 -> subject.ask(new OperatorRequest.SetSlotImporting(random.nextInt(40), id().hex()));
            default -> heartbeat(peer, link);
        }
    }

    private void heartbeat(Peer peer, long link) {
        List<GossipEntry> gossip = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            gossip.add(new GossipEntry(
                    id(), 0, random.nextInt(), random.nextBoolean() ? "" : "10.0.0.8", random.nextInt(65536), 0,
                    random.nextInt(65536), random.nextInt(1024) & ~16));
        }
        List<PingExtension> extensions = new ArrayList<>();
        if (random.nextInt(20) == 0) {
            extensions.add(new PingExtension.ForgottenNode(id(), random.nextLong()));
        }
        if (random.nextInt(3) == 0) {
            extensions.add(new PingExtension.ShardId(id().hex()));
        }
        peer.heartbeat(link, MessageType.values()[random.nextInt(3)], gossip, extensions);
    }

    private void inOrder() {
        ClusterView view = subject.view;
        assertNotNull(view.node(subject.gossip.myself()));
        assertTrue(view.myself().is(NodeFlag.MYSELF));
        assertEquals(1, view.nodes().stream().filter(node -> node.is(NodeFlag.MYSELF)).count());
        for (NodeView node : view.nodes()) {
            assertTrue(!node.is(NodeFlag.PRIMARY) || !node.is(NodeFlag.REPLICA), node::toString);
            assertTrue(!node.is(NodeFlag.PFAIL) || !node.is(NodeFlag.FAIL), node::toString);
            assertTrue(node.primary() == null || view.node(node.primary()) != null, node::toString);
        }
        for (int slot = 0; slot < 60; slot++) {
            assertTrue(view.owner(slot) == null || view.node(view.owner(slot).id()) == view.owner(slot));
        }
        for (Output output : subject.outputs) {
            if (output instanceof Output.Save save) {
                NodesFile.Load load = NodesFile.load(save.text().getBytes(StandardCharsets.ISO_8859_1), null);
                assertTrue(load instanceof NodesFile.Loaded, load::toString);
            }
        }
        subject.outputs.clear();
    }

    private NodeId id() {
        return ids.get(random.nextInt(ids.size()));
    }

    private SlotBitmap slots() {
        return SlotBitmap.of(random.ints(random.nextInt(5), 0, 40).toArray());
    }
}
