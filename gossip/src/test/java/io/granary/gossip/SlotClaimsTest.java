package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Peer.Subject;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SlotClaimsTest {

    private final Subject subject = Subject.fresh();
    private final Peer a = new Peer(subject, 'a');
    private final Peer b = new Peer(subject, 'b');

    private void claims(Peer peer, long epoch, SlotBitmap slots) {
        peer.currentEpoch = Math.max(peer.currentEpoch, epoch);
        peer.configEpoch = epoch;
        peer.slots = slots;
        peer.ping();
    }

    private NodeId owner(int slot) {
        NodeView owner = subject.view.owner(slot);
        return owner == null ? null : owner.id();
    }

    @Test
    void aFreeSlotGoesToWhoeverClaimsIt() {
        claims(a, 0, SlotBitmap.range(0, 9));
        assertEquals(a.id, owner(0));
        assertEquals(a.id, owner(9));
        assertNull(owner(10));
    }

    @Test
    void theGreaterEpochTakesASlotAndAnEqualOneDoesNot() {
        claims(a, 3, SlotBitmap.range(0, 9));
        claims(b, 3, SlotBitmap.range(5, 19));
        assertEquals(a.id, owner(5));
        assertEquals(b.id, owner(10));
        claims(b, 4, SlotBitmap.range(5, 19));
        assertEquals(b.id, owner(5));
        assertEquals(a.id, owner(4));
    }

    @Test
    void claimsHeardInAnyOrderGiveTheSameOwners() {
        claims(b, 4, SlotBitmap.range(5, 19));
        claims(a, 3, SlotBitmap.range(0, 9));
        assertEquals(b.id, owner(5));
        assertEquals(a.id, owner(4));
    }

    /** Many slots are taken by another way than a few: both must come to the same. */
    @Test
    void oneClaimOfManySlotsTakesWhatItsPartsWouldTake() {
        subject.ask(new OperatorRequest.AddSlots(IntStream.range(0, 300).toArray()));
        claims(a, 9, SlotBitmap.range(300, 999));
        claims(a, 9, SlotBitmap.range(300, 799));
        subject.outputs.clear();
        claims(b, 5, SlotBitmap.range(100, 1199));
        assertEquals(List.of("0-99", "300-799", "100-299 800-1199"),
                List.of(subject.view.myself(), subject.view.node(a.id), subject.view.node(b.id)).stream()
                        .map(node -> subject.view.slotsOf(node).toString()).toList());
        assertTrue(subject.outputs.stream().anyMatch(output -> output instanceof Output.DropKeys keys
                && Arrays.equals(keys.slots(), IntStream.range(100, 300).toArray())), subject.outputs::toString);
        claims(b, 10, SlotBitmap.range(100, 1199));
        assertEquals("100-1199", subject.view.slotsOf(subject.view.node(b.id)).toString());
        claims(a, 10, SlotBitmap.range(300, 999));
        assertEquals(b.id, owner(300));
    }

    @Test
    void anOldMessageOfANodeClaimsInItsOldEpoch() {
        claims(a, 7, SlotBitmap.of(1));
        claims(b, 5, SlotBitmap.of(2));
        claims(a, 4, SlotBitmap.of(1, 2));
        assertEquals(b.id, owner(2));
    }

    @Test
    void slotsLostToAnotherNodeAreEmptiedBehindTheViewThatSaysSo() {
        subject.ask(new OperatorRequest.AddSlots(new int[] {1, 2, 3}));
        subject.outputs.clear();
        claims(a, 9, SlotBitmap.of(2, 3, 4));
        int view = -1;
        int drop = -1;
        for (int i = 0; i < subject.outputs.size(); i++) {
            if (subject.outputs.get(i) instanceof Output.Publish publish
                    && publish.view().owner(2) == publish.view().node(a.id)) {
                view = view < 0 ? i : view;
            } else if (subject.outputs.get(i) instanceof Output.DropKeys keys) {
                assertArrayEquals(new int[] {2, 3}, keys.slots());
                drop = i;
            }
        }
        assertTrue(view >= 0 && view < drop, subject.outputs::toString);
        assertTrue(subject.view.isMine(1));
    }

    @Test
    void aSlotThatIsBeingImportedWaitsForTheOperator() {
        claims(a, 3, SlotBitmap.of(7));
        subject.ask(new OperatorRequest.SetSlotImporting(7, a.id.hex()));
        claims(b, 9, SlotBitmap.of(7));
        assertEquals(a.id, owner(7));
        claims(b, 9, SlotBitmap.range(0, 4999));
        assertEquals(a.id, owner(7), "nor among many");
        assertEquals(b.id, owner(8));
        subject.ask(new OperatorRequest.SetSlotStable(7));
        claims(b, 9, SlotBitmap.of(7));
        assertEquals(b.id, owner(7));
    }

    @Test
    void aSlotThatItsOwnerGivesUpStaysUntilSomebodyElseClaimsIt() {
        claims(a, 9, SlotBitmap.of(1, 2));
        claims(a, 9, SlotBitmap.of(1));
        assertEquals(a.id, owner(2));
        claims(b, 1, SlotBitmap.of(2));
        assertEquals(b.id, owner(2));
    }

    @Test
    void aSlotThatWasGivenUpIsNotToldAsAFact() {
        claims(a, 9, SlotBitmap.of(1, 2));
        claims(a, 9, SlotBitmap.of(1));
        subject.outputs.clear();
        claims(b, 3, SlotBitmap.of(1));
        BusMessage.Update update = subject.sent(BusMessage.Update.class).getFirst();
        assertEquals("1", update.slots().toString());
    }

    @Test
    void aClaimFromThePastIsCorrectedBeforeItIsAnswered() {
        claims(a, 9, SlotBitmap.of(1, 2));
        subject.ask(new OperatorRequest.AddSlots(new int[] {3}));
        subject.ask(new OperatorRequest.BumpEpoch());
        subject.outputs.clear();
        claims(b, 3, SlotBitmap.of(2, 3, 4));
        List<BusMessage.Update> updates = subject.sent(BusMessage.Update.class);
        List<NodeId> told = updates.stream().map(BusMessage.Update::node).toList();
        assertEquals(Set.of(a.id, subject.gossip.myself()), Set.copyOf(told));
        List<Output> sends = subject.outputs.stream().filter(Output.Send.class::isInstance).toList();
        assertTrue(((Output.Send) sends.getLast()).message() instanceof BusMessage.Heartbeat);
        assertTrue(sends.stream().allMatch(send -> ((Output.Send) send).link() == b.link));
        assertEquals(b.id, owner(4));
    }

    @Test
    void anUpdateTellsOfANewOwner() {
        claims(a, 3, SlotBitmap.of(1));
        claims(b, 1, SlotBitmap.of(2));
        a.send(a.link, new BusMessage.Update(a.header(), 8, b.id, SlotBitmap.of(1, 2)));
        assertEquals(b.id, owner(1));
        assertEquals(8, b.seen().configEpoch());
        a.send(a.link, new BusMessage.Update(a.header(), 8, b.id, SlotBitmap.of(1, 2, 3)));
        assertEquals(b.id, owner(3));
        a.send(a.link, new BusMessage.Update(a.header(), 7, b.id, SlotBitmap.of(1, 2, 4)));
        assertNull(owner(4));
    }

    @Test
    void nobodyElseSaysWhatThisNodeOwns() {
        subject.ask(new OperatorRequest.AddSlots(new int[] {1}));
        a.send(a.link, new BusMessage.Update(a.header(), 99, subject.gossip.myself(), SlotBitmap.EMPTY));
        assertTrue(subject.view.isMine(1));
    }

    @Test
    void aStrangersClaimIsNotHeard() {
        Peer stranger = new Peer(subject, new NodeId("f".repeat(40)));
        claims(stranger, 9, SlotBitmap.of(1));
        assertNull(owner(1));
        assertNull(stranger.seen());
    }

    @Test
    void aPrimaryThatBecameAReplicaInItsShardHandsItsSlotsOver() {
        claims(a, 3, SlotBitmap.range(0, 99));
        b.primary = a.id;
        claims(b, 3, SlotBitmap.range(0, 99));
        assertEquals("slave", NodeFlag.words(b.seen().flags()));
        assertEquals(a.seen().shard(), b.seen().shard());
        b.primary = null;
        claims(b, 4, SlotBitmap.range(0, 99));
        assertEquals(b.id, owner(50));
        a.primary = b.id;
        claims(a, 4, SlotBitmap.range(0, 99));
        assertEquals(b.id, a.seen().primary());
        assertEquals(b.id, owner(0));
    }

    @Test
    void aReplicasClaimIsItsPrimarysAndMovesNothing() {
        claims(a, 3, SlotBitmap.of(1));
        b.primary = a.id;
        claims(b, 9, SlotBitmap.of(1, 2));
        assertEquals(a.id, owner(1));
        assertNull(owner(2));
    }

    @Test
    void wordsFromBeforeAPauseChangeNothing() {
        a.stamp = new BusHeader.Stamp(1, 10);
        claims(a, 3, SlotBitmap.of(1));
        a.reconnect();
        a.stamp = new BusHeader.Stamp(1, 12);
        claims(a, 5, SlotBitmap.of(2));
        a.stamp = new BusHeader.Stamp(1, 11);
        a.slots = SlotBitmap.of(3);
        a.ping();
        assertNull(owner(3));
        // Another process of the same node is believed on a newer connection only.
        a.stamp = new BusHeader.Stamp(2, 1);
        a.reconnect();
        claims(a, 6, SlotBitmap.of(4));
        assertEquals(a.id, owner(4));
        a.stamp = new BusHeader.Stamp(1, 99);
        a.link = a.ourLink;
        claims(a, 7, SlotBitmap.of(5));
        assertNull(owner(5));
    }

    @Test
    void aSlotThatWasGivenUpIsRememberedAsSuch() {
        claims(a, 3, SlotBitmap.range(0, 9));
        claims(a, 7, SlotBitmap.range(0, 4));
        subject.pass(200);
        String saved = subject.outputs.stream().filter(Output.Save.class::isInstance)
                .map(output -> ((Output.Save) output).text()).toList().getLast();
        NodesFile.Loaded loaded =
                (NodesFile.Loaded) NodesFile.load(saved.getBytes(StandardCharsets.ISO_8859_1), null);
        Subject restored = Subject.restored(loaded.file(), null);
        Peer taker = new Peer(restored, b.id);
        taker.currentEpoch = 7;
        restored.outputs.clear();
        claims(taker, 5, SlotBitmap.range(5, 9));
        assertEquals(b.id, restored.view.owner(7).id());
        assertEquals(List.of(), restored.sent(BusMessage.Update.class));
    }

    @Test
    void aReplicaDoesNotClaimWhatItsPrimaryHasGivenUp() {
        claims(a, 3, SlotBitmap.range(0, 9));
        assertEquals("OK", subject.ask(new OperatorRequest.Replicate(a.id.hex(), false)));
        claims(a, 7, SlotBitmap.range(0, 4));
        subject.outputs.clear();
        b.ping();
        BusHeader told = subject.sent(BusMessage.Heartbeat.class).getLast().header();
        assertEquals(7, told.configEpoch());
        assertEquals(SlotBitmap.range(0, 4), told.slots());
    }

    @Test
    void aPrimaryWhoseLastSlotItsSuccessorHasGivenOnFollowsTheSuccessor() {
        subject.give(new Input.Reconfigured(GossipSettings.onPort(7000).withNodeTimeoutMs(1000)
                .withReplicas(new ReplicaSettings(10, false, 1, false, 10_000))));
        subject.ask(new OperatorRequest.AddSlots(new int[] {0, 1, 2, 3}));
        b.primary = subject.gossip.myself();
        claims(b, 0, SlotBitmap.range(0, 3));
        b.primary = null;
        claims(b, 5, SlotBitmap.range(0, 2));
        assertTrue(subject.view.myself().isPrimary());
        claims(a, 6, SlotBitmap.of(3, 20));
        assertEquals(b.id, subject.view.myself().primary());
    }
}
