package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Peer.Subject;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A Redis replica in a mixed cluster asks for our vote. */
final class VotesTest {

    private final Subject subject = Subject.fresh();
    private final Peer failed = new Peer(subject, 'a');
    private final Peer replica = new Peer(subject, 'b');
    private final Peer witness = new Peer(subject, 'c');

    private void prepare() {
        becomesVoter(subject);
        failed.configEpoch = 1;
        failed.currentEpoch = 1;
        failed.slots = SlotBitmap.of(1, 2);
        failed.ping();
        witness.configEpoch = 2;
        witness.currentEpoch = 2;
        witness.slots = SlotBitmap.of(3);
        witness.ping();
        replica.primary = failed.id;
        replica.configEpoch = 1;
        replica.slots = failed.slots;
        replica.ping();
        witness.send(witness.link, new BusMessage.Fail(witness.header(), failed.id));
        subject.outputs.clear();
    }

    /** Who has just become a voter waits a moment with its votes: its predecessor may have promised something. */
    private static void becomesVoter(Subject subject) {
        subject.ask(new OperatorRequest.AddSlots(new int[] {5}));
        subject.pass(600);
    }

    private void request(long epoch) {
        subject.outputs.clear();
        replica.currentEpoch = epoch;
        replica.send(replica.link, new BusMessage.FailoverAuthRequest(replica.header()));
    }

    private int votes() {
        return subject.sent(BusMessage.FailoverAuthAck.class).size();
    }

    private void refused(String reason) {
        assertEquals(0, votes());
        assertTrue(
                subject.outputs.stream().anyMatch(output -> output instanceof Output.Log log
                        && log.text().equals("Failover auth denied to " + replica.id + ": " + reason)),
                subject.outputs::toString);
    }

    @Test
    void aVoteIsOnDiskBeforeItIsSent() {
        prepare();
        subject.savesAtOnce = false;
        request(9);
        assertEquals(0, votes());
        Output.Save save = (Output.Save) subject.outputs.getLast();
        assertTrue(save.text().contains("lastVoteEpoch 9"));
        subject.give(new Input.Saved(save.generation()));
        assertEquals(1, votes());
    }

    @Test
    void aVoteThatCannotBeStoredIsNotGivenAndItsEpochIsSpent() {
        prepare();
        subject.savesAtOnce = false;
        request(9);
        Output.Save save = (Output.Save) subject.outputs.getLast();
        subject.give(new Input.SaveFailed(save.generation(), "No space left on device"));
        assertEquals(0, votes());
        subject.savesAtOnce = true;
        request(9);
        refused("a vote could not be stored: No space left on device");
        subject.pass(2100);
        request(9);
        refused("already voted for epoch 9");
    }

    @Test
    void oneEpochOneVote() {
        prepare();
        Peer sibling = new Peer(subject, 'd');
        sibling.primary = failed.id;
        sibling.slots = failed.slots;
        sibling.ping();
        request(9);
        assertEquals(1, votes());
        request(9);
        refused("already voted for epoch 9");
        replica.stamp = new BusHeader.Stamp(1, 1);
        request(9);
        assertEquals(1, votes(), "the same vote again, for one who does not count it twice");
        subject.outputs.clear();
        sibling.currentEpoch = 9;
        sibling.send(sibling.link, new BusMessage.FailoverAuthRequest(sibling.header()));
        assertEquals(0, votes());
        request(8);
        refused("reqEpoch (8) < curEpoch(9)");
    }

    @Test
    void theSameShardIsNotVotedForAgainSoon() {
        prepare();
        request(9);
        request(10);
        refused("can't vote about this master before 2000 milliseconds");
        subject.nowMs += 2000;
        request(10);
        assertEquals(1, votes());
    }

    @Test
    void onlyAReplicaOfAFailedPrimaryGetsAVote() {
        prepare();
        replica.primary = null;
        replica.ping();
        request(9);
        refused("it is a master node");
    }

    @Test
    void aLivingPrimaryIsReplacedOnlyWhenAnOperatorWantsIt() {
        prepare();
        Subject other = Subject.fresh();
        Peer primary = new Peer(other, 'a');
        Peer candidate = new Peer(other, 'b');
        becomesVoter(other);
        primary.slots = SlotBitmap.of(1);
        primary.ping();
        candidate.primary = primary.id;
        candidate.slots = primary.slots;
        candidate.ping();
        other.outputs.clear();
        candidate.currentEpoch = 9;
        candidate.send(candidate.link, new BusMessage.FailoverAuthRequest(candidate.header()));
        assertEquals(0, other.sent(BusMessage.FailoverAuthAck.class).size());
        candidate.messageFlags = BusHeader.FORCE_ACK;
        candidate.send(candidate.link, new BusMessage.FailoverAuthRequest(candidate.header()));
        assertEquals(1, other.sent(BusMessage.FailoverAuthAck.class).size());
    }

    @Test
    void anEmptyReplicaDoesNotBeatOneWithData() {
        prepare();
        Peer sibling = new Peer(subject, 'd');
        sibling.primary = failed.id;
        sibling.slots = failed.slots;
        sibling.offset = 100;
        sibling.ping();
        request(9);
        refused("it has no data, and " + sibling.id + " has");
        replica.offset = 50;
        request(9);
        assertEquals(1, votes());
    }

    @Test
    void aPrimaryThatIsBackWithAnOldSnapshotIsReplacedOnlyByWhoHasMore() {
        prepare();
        failed.stamp = new BusHeader.Stamp(1, 10, 0, 0, false, true, false);
        failed.offset = 50;
        failed.ping();
        replica.offset = 50;
        request(9);
        refused("its master is back, and has no less data");
        replica.offset = 51;
        request(9);
        assertEquals(1, votes());
    }

    @Test
    void aClaimOlderThanTheOwnersIsRefused() {
        prepare();
        replica.slots = SlotBitmap.of(1, 3);
        request(9);
        refused("slot 3 epoch (2) > reqEpoch (1)");
    }

    @Test
    void whoMayHaveForgottenAVoteWaitsUntilNoElectionOfItCanBeOpen() {
        NodesFile file = new NodesFile(
                List.of(
                        entry(subject.gossip.myself(), SlotBitmap.of(5), NodeFlag.MYSELF, NodeFlag.PRIMARY),
                        entry(failed.id, SlotBitmap.of(1, 2), NodeFlag.PRIMARY, NodeFlag.FAIL),
                        entry(witness.id, SlotBitmap.of(3), NodeFlag.PRIMARY)),
                Map.of(), Map.of(), 8, 7);
        Subject restored = Subject.restored(file, "cut off");
        Peer late = new Peer(restored, 'b');
        late.primary = failed.id;
        late.ping();
        restored.outputs.clear();
        late.currentEpoch = 9;
        late.send(late.link, new BusMessage.FailoverAuthRequest(late.header()));
        restored.pass(5000);
        late.currentEpoch = 10;
        late.send(late.link, new BusMessage.FailoverAuthRequest(late.header()));
        assertEquals(0, restored.sent(BusMessage.FailoverAuthAck.class).size());
        for (NodeId id : List.of(witness.id, failed.id)) {
            Peer heard = new Peer(restored, id);
            heard.slots = id.equals(witness.id) ? SlotBitmap.of(3) : SlotBitmap.of(1, 2);
            heard.ping();
        }
        restored.pass(200);
        late.send(late.link, new BusMessage.FailoverAuthRequest(late.header()));
        assertEquals(0, restored.sent(BusMessage.FailoverAuthAck.class).size());
        late.currentEpoch = 11;
        late.send(late.link, new BusMessage.FailoverAuthRequest(late.header()));
        assertEquals(1, restored.sent(BusMessage.FailoverAuthAck.class).size());
    }

    private static NodesFile.Entry entry(NodeId id, SlotBitmap slots, NodeFlag... flags) {
        return new NodesFile.Entry(
                id, "10.0.0.9", 1, 0, 2, "", "", id.hex(), Set.of(flags), null, 0, 0, 1, true, slots);
    }
}
