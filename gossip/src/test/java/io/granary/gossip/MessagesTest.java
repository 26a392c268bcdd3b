package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Peer.Subject;
import io.granary.gossip.wire.BusDecoder;
import io.granary.gossip.wire.BusEncoder;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;
import io.granary.gossip.wire.MessageType;
import io.granary.gossip.wire.PingExtension;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MessagesTest {

    private static final Random RANDOM = new Random(3);

    private static Subject among(int others, NodeFlag... flags) {
        List<NodesFile.Entry> nodes = new ArrayList<>();
        for (int i = 0; i <= others; i++) {
            NodeId id = NodeId.random(RANDOM);
            Set<NodeFlag> of = i == 0 ? Set.of(NodeFlag.MYSELF, NodeFlag.PRIMARY) : Set.of(flags);
            nodes.add(new NodesFile.Entry(
                    id, "10.0.0.1", 1000 + i, 0, 11000 + i, "", "", id.hex(), of, null, 0, 0, i, false, SlotBitmap.of(i)));
        }
        return Subject.restored(new NodesFile(nodes, Map.of(), Map.of(), others, 0), null);
    }

    private static BusMessage.Heartbeat answer(Subject subject) {
        Peer peer = new Peer(subject, NodeId.random(RANDOM));
        subject.outputs.clear();
        peer.ping();
        return subject.sent(BusMessage.Heartbeat.class).getFirst();
    }

    @Test
    void aTenthOfTheNodesIsGossipedAbout() {
        assertEquals(20, answer(among(200, NodeFlag.PRIMARY)).gossip().size());
        assertEquals(3, answer(among(20, NodeFlag.PRIMARY)).gossip().size());
    }

    @Test
    void aThousandSuspectsDoNotMakeAnEndlessFrame() {
        BusMessage.Heartbeat answer = answer(among(1000, NodeFlag.PRIMARY, NodeFlag.PFAIL));
        assertEquals(Messages.ENTRIES_LIMIT, answer.gossip().size());
        assertTrue(BusDecoder.decode(ByteBuffer.wrap(BusEncoder.encode(answer))) instanceof BusDecoder.Message);
    }

    @Test
    void allSuspectsAreToldWhileTheyAreFew() {
        Subject subject = among(10, NodeFlag.PRIMARY, NodeFlag.PFAIL);
        List<GossipEntry> gossip = answer(subject).gossip();
        assertEquals(10, gossip.size());
        assertTrue(gossip.stream().allMatch(entry -> entry.is(NodeFlag.PFAIL)));
    }

    @Test
    void extensionsGoOnlyToThoseWhoReadThem() {
        Subject subject = Subject.fresh();
        Peer peer = new Peer(subject, 'a');
        subject.outputs.clear();
        peer.ping();
        assertEquals(List.of(), subject.sent(BusMessage.Heartbeat.class).getFirst().extensions());
        peer.messageFlags = BusHeader.EXTENSIONS;
        subject.outputs.clear();
        peer.heartbeat(peer.link, MessageType.PING, List.of(), List.of(new PingExtension.ShardId(peer.id.hex())));
        assertEquals(
                List.of(new PingExtension.ShardId(subject.view.myself().shard())),
                subject.sent(BusMessage.Heartbeat.class).getFirst().extensions());
        assertEquals(peer.id.hex(), peer.seen().shard());
    }

    @ParameterizedTest
    @CsvSource({"200, 20", "6, 3"})
    void aNewcomerThatKnowsNobodyElseHearsOfOthers(int others, int told) {
        Subject subject = among(others, NodeFlag.PRIMARY);
        Peer newcomer = new Peer(subject, subject.view.nodes().get(1).id());
        newcomer.messageFlags = BusHeader.EXTENSIONS;
        newcomer.stamp = new BusHeader.Stamp(7, 1, 0, 0, false, false, false);
        subject.outputs.clear();
        newcomer.heartbeat(
                newcomer.link, MessageType.PING, List.of(), List.of(new PingExtension.ShardId(newcomer.id.hex())));
        assertEquals(told, subject.sent(BusMessage.Heartbeat.class).getLast().gossip().size());
    }

    @Test
    void whoIsToldNothingAboutOthersTellsNothingAboutOthers() {
        Subject subject = among(200, NodeFlag.PRIMARY);
        Peer peer = new Peer(subject, subject.view.nodes().get(1).id());
        peer.stamp = new BusHeader.Stamp(7, 1, 0, 0, false, false, false);
        subject.outputs.clear();
        peer.ping();
        assertEquals(List.of(), subject.sent(BusMessage.Heartbeat.class).getLast().gossip());
    }

    @Test
    void messagesOfOneProcessAreNumbered() {
        Subject subject = Subject.fresh();
        Peer peer = new Peer(subject, 'a');
        subject.outputs.clear();
        peer.ping();
        peer.ping();
        List<BusMessage.Heartbeat> sent = subject.sent(BusMessage.Heartbeat.class);
        assertEquals(sent.get(0).header().stamp().boot(), sent.get(1).header().stamp().boot());
        assertEquals(sent.get(0).header().stamp().sequence() + 1, sent.get(1).header().stamp().sequence());
    }
}
