package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.OperatorRequest.FailoverKind;
import io.granary.gossip.Peer.Subject;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The machine as a replica, among peers of Redis whose every word is the test's. */
final class OwnElectionTest {

    private final Subject subject = Subject.fresh();
    private final Peer primary = new Peer(subject, 'a');
    private final Peer second = new Peer(subject, 'b');
    private final Peer third = new Peer(subject, 'c');
    private final Peer sibling = new Peer(subject, 'd');

    /** Three primaries; the subject and {@code sibling} replicate the first one. */
    @BeforeEach
    void form() {
        primary.slots = SlotBitmap.range(0, 5000);
        second.slots = SlotBitmap.range(5001, 10000);
        third.slots = SlotBitmap.range(10001, 16383);
        long epoch = 7;
        for (Peer peer : List.of(primary, second, third)) {
            peer.configEpoch = epoch++;
            peer.currentEpoch = 10;
            peer.ping();
        }
        assertEquals("OK", order(new OperatorRequest.Replicate(primary.id.hex(), false)));
        sibling.primary = primary.id;
        sibling.slots = primary.slots;
        sibling.configEpoch = primary.configEpoch;
        sibling.currentEpoch = 10;
        sibling.offset = 50;
        sibling.ping();
        replicated(100, 0);
    }

    private String order(OperatorRequest request) {
        return subject.ask(request);
    }

    private void replicated(long offset, long silenceMs) {
        subject.give(new Input.Replicated(new ReplicationStatus(offset, silenceMs, true)));
    }

    private void primaryFails() {
        subject.outputs.clear();
        second.send(second.link, new BusMessage.Fail(second.header(), primary.id));
    }

    private void vote(Peer voter, long epoch) {
        voter.currentEpoch = epoch;
        voter.send(voter.link, new BusMessage.FailoverAuthAck(voter.header()));
    }

    private List<BusMessage.FailoverAuthRequest> requests() {
        return subject.sent(BusMessage.FailoverAuthRequest.class);
    }

    private boolean leads() {
        return subject.view.myself().isPrimary() && subject.view.isMine(0) && subject.view.isMine(5000);
    }

    @Test
    void itAsksAsSoonAsItKnowsThatItIsFirst() {
        primaryFails();
        assertTrue(requests().isEmpty());
        sibling.pong();
        assertFalse(requests().isEmpty());
        BusHeader request = requests().getFirst().header();
        assertEquals(11, request.currentEpoch());
        assertEquals(7, request.configEpoch());
        assertEquals(100, request.offset());
        assertEquals(primary.id, request.primary());
        assertEquals(primary.slots, request.slots());
        assertFalse(request.has(BusHeader.FORCE_ACK));
    }

    @Test
    void aSiblingThatIsSilentIsWaitedForOnlyBriefly() {
        primaryFails();
        subject.pass(100);
        assertFalse(requests().isEmpty());
    }

    @Test
    void itLetsABetterSiblingGoFirst() {
        sibling.offset = 101;
        sibling.ping();
        primaryFails();
        sibling.pong();
        subject.pass(Election.FOREIGN_RANK_MS - 100);
        assertTrue(requests().isEmpty());
        subject.pass(100);
        assertFalse(requests().isEmpty());
    }

    @Test
    void aSiblingThatCatchesUpMeanwhileGoesFirst() {
        sibling.offset = 101;
        primaryFails();
        sibling.pong();
        subject.pass(200);
        assertTrue(requests().isEmpty());
    }

    @Test
    void votesOfAMajorityAreEnoughAndNoVoteCountsTwice() {
        primaryFails();
        sibling.pong();
        vote(second, 11);
        vote(second, 11);
        assertFalse(leads());
        vote(third, 11);
        assertTrue(leads());
        assertEquals(11, subject.view.myself().configEpoch());
        assertTrue(subject.outputs.contains(new Output.Promote()));
        assertEquals(0, subject.view.slotsOf(subject.view.node(primary.id)).size());
    }

    @Test
    void itDeletesTheKeysOfSlotsThatItsPrimaryHadLost() {
        assertEquals("OK", order(new OperatorRequest.FromPrimary(new OperatorRequest.SetSlotMigrating(9, second.id.hex()))));
        second.slots = second.slots.plus(SlotBitmap.of(7, 8, 9));
        second.ping();
        primary.slots = primary.slots.minus(SlotBitmap.of(7, 8, 9));
        primary.ping();
        assertTrue(dropped().isEmpty());
        primaryFails();
        sibling.pong();
        vote(second, 11);
        vote(third, 11);
        assertTrue(subject.view.isMine(6));
        assertEquals(List.of(7, 8), dropped());
    }

    private List<Integer> dropped() {
        return subject.outputs.stream().filter(Output.DropKeys.class::isInstance)
                .flatMap(output -> Arrays.stream(((Output.DropKeys) output).slots()).boxed()).toList();
    }

    @Test
    void replicasAndPrimariesWithoutSlotsHaveNoVote() {
        primaryFails();
        sibling.pong();
        Peer empty = new Peer(subject, 'e');
        vote(empty, 11);
        vote(sibling, 11);
        vote(second, 11);
        assertFalse(leads());
    }

    @Test
    void theVoteOfAVoterThatMayHaveBeenSucceededDoesNotCount() {
        primaryFails();
        sibling.pong();
        third.ping(new GossipEntry(second.id, 0, 0, "10.0.0.9", 7000 + 'b', 0, second.busPort, 1, 9));
        vote(second, 11);
        vote(third, 11);
        assertFalse(leads());
        second.configEpoch = 10;
        vote(second, 11);
        assertTrue(leads());
    }

    @Test
    void votesThatAreCountedWhenTheElectionIsOverDoNotCount() {
        primaryFails();
        sibling.pong();
        vote(second, 11);
        // this process stood still, and the vote has waited in its socket
        subject.nowMs += 2001;
        vote(third, 11);
        assertFalse(leads());
    }

    @Test
    void aVoteOfAnElectionBeforeThisOneDoesNotCount() {
        primaryFails();
        sibling.pong();
        vote(second, 11);
        rivalAsks();
        subject.pass(500);
        assertEquals(12, requests().getLast().header().currentEpoch());
        vote(third, 11);
        vote(second, 12);
        assertFalse(leads());
        vote(third, 12);
        assertTrue(leads());
        assertEquals(12, subject.view.myself().configEpoch());
    }

    @Test
    void whoHasNotVotedIsAskedAgainInTheSameEpoch() {
        primaryFails();
        sibling.pong();
        vote(second, 11);
        subject.outputs.clear();
        subject.pass(300);
        assertEquals(1, requests().stream().map(request -> request.header().currentEpoch()).distinct().count());
        assertEquals(11, requests().getFirst().header().currentEpoch());
        // not to the one who has, nor to replicas; the failed primary is unreachable only to others
        assertTrue(subject.outputs.stream().noneMatch(output -> output instanceof Output.Send(long link, var message)
                && message instanceof BusMessage.FailoverAuthRequest
                && (link == second.ourLink || link == sibling.ourLink)));
    }

    @Test
    void anotherCandidateInTheSameEpochMakesItAskInTheNextOne() {
        primaryFails();
        sibling.pong();
        rivalAsks();
        subject.pass(500);
        assertEquals(12, requests().getLast().header().currentEpoch());
    }

    private void rivalAsks() {
        Peer rival = new Peer(subject, 'e');
        rival.currentEpoch = 11;
        rival.primary = third.id;
        rival.slots = third.slots;
        rival.send(rival.link, new BusMessage.FailoverAuthRequest(rival.header()));
    }

    @Test
    void nothingIsAskedOrToldThatIsNotOnDisk() {
        subject.savesAtOnce = false;
        primaryFails();
        sibling.pong();
        assertTrue(requests().isEmpty());
        subject.give(new Input.Saved(lastSave()));
        assertFalse(requests().isEmpty());
        vote(second, 11);
        vote(third, 11);
        assertTrue(leads());
        long generation = lastSave();
        subject.outputs.clear();
        second.ping();
        BusHeader before = subject.sent(BusMessage.Heartbeat.class).getLast().header();
        assertEquals(primary.id, before.primary());
        assertEquals(7, before.configEpoch());
        assertTrue(before.is(NodeFlag.REPLICA) && !before.is(NodeFlag.PRIMARY));
        subject.give(new Input.Saved(generation));
        BusHeader after = subject.sent(BusMessage.Heartbeat.class).getLast().header();
        assertTrue(after.isPrimary() && after.is(NodeFlag.PRIMARY));
        assertEquals(11, after.configEpoch());
        assertEquals(primary.slots, after.slots());
    }

    private long lastSave() {
        return subject.outputs.stream()
                .filter(Output.Save.class::isInstance)
                .mapToLong(output -> ((Output.Save) output).generation())
                .max()
                .orElseThrow();
    }

    @Test
    void itDoesNotStandWithOldDataOrWithoutASyncOrAgainstItsConfiguration() {
        replicated(100, 1000 * 10 + 10_000 + 1001);
        primaryFails();
        sibling.pong();
        subject.pass(200);
        assertTrue(requests().isEmpty());
        subject.give(new Input.Replicated(new ReplicationStatus(100, 0, false)));
        subject.pass(200);
        assertTrue(requests().isEmpty());
        replicated(100, 1000);
        subject.give(new Input.Reconfigured(settings(new ReplicaSettings(10, true, 1, true, 10_000))));
        subject.pass(200);
        assertTrue(requests().isEmpty());
        subject.give(new Input.Reconfigured(settings(ReplicaSettings.DEFAULT)));
        subject.pass(200);
        assertFalse(requests().isEmpty());
    }

    private static GossipSettings settings(ReplicaSettings replicas) {
        return GossipSettings.onPort(7000).withNodeTimeoutMs(1000).withReplicas(replicas);
    }

    @Test
    void anUnsyncedReplicaTellsNoOffset() {
        subject.give(new Input.Replicated(new ReplicationStatus(100, 0, false)));
        subject.outputs.clear();
        second.ping();
        assertEquals(0, subject.sent(BusMessage.Heartbeat.class).getLast().header().offset());
    }

    @Test
    void anAgreedFailoverWaitsForTheOffsetOfThePausedPrimary() {
        assertEquals("OK", order(new OperatorRequest.Failover(FailoverKind.AGREED)));
        assertEquals(1, subject.sent(BusMessage.MfStart.class).size());
        primary.offset = 120;
        primary.ping();
        subject.pass(200);
        assertTrue(requests().isEmpty());
        primary.messageFlags = BusHeader.PAUSED;
        primary.ping();
        assertTrue(subject.outputs.contains(new Output.AwaitOffset(120)));
        replicated(119, 0);
        assertTrue(requests().isEmpty());
        replicated(120, 0);
        assertTrue(requests().getFirst().header().has(BusHeader.FORCE_ACK));
        vote(second, 11);
        vote(third, 11);
        assertTrue(leads());
    }

    @Test
    void anAgreedFailoverIsGivenUpAfterFiveSeconds() {
        order(new OperatorRequest.Failover(FailoverKind.AGREED));
        subject.pass(5100);
        primary.offset = 100;
        primary.messageFlags = BusHeader.PAUSED;
        primary.ping();
        subject.pass(200);
        assertTrue(requests().isEmpty());
    }

    @Test
    void aPrimaryPausesForItsReplicaOnlyAndSpeaksOfThePauseOnceItStands() {
        Subject owner = Subject.fresh();
        owner.ask(new OperatorRequest.AddSlots(new int[] {1}));
        Peer stranger = new Peer(owner, 'a');
        Peer replica = new Peer(owner, 'b');
        replica.primary = owner.gossip.myself();
        replica.ping();
        owner.outputs.clear();
        stranger.send(stranger.link, new BusMessage.MfStart(stranger.header()));
        assertTrue(owner.outputs.stream().noneMatch(Output.PauseWrites.class::isInstance));
        replica.send(replica.link, new BusMessage.MfStart(replica.header()));
        assertTrue(owner.outputs.contains(new Output.PauseWrites(10_000)));
        assertTrue(owner.sent(BusMessage.Heartbeat.class).isEmpty());
        owner.outputs.clear();
        owner.give(new Input.WritesPaused(77));
        BusHeader told = owner.sent(BusMessage.Heartbeat.class).getLast().header();
        assertTrue(told.has(BusHeader.PAUSED));
        assertEquals(77, told.offset());
        owner.pass(5200);
        assertTrue(owner.outputs.contains(new Output.ResumeWrites()));
        owner.outputs.clear();
        replica.ping();
        assertFalse(owner.sent(BusMessage.Heartbeat.class).getLast().header().has(BusHeader.PAUSED));
    }

    @Test
    void takeoverAsksNobody() {
        assertEquals("OK", order(new OperatorRequest.Failover(FailoverKind.TAKEOVER)));
        assertTrue(requests().isEmpty());
        assertTrue(leads());
        assertEquals(11, subject.view.myself().configEpoch());
    }

    @Test
    void ordersAreRefusedInRedissWords() {
        assertEquals("ERR Unknown node x", order(new OperatorRequest.Replicate("x", false)));
        assertEquals("ERR Can't replicate myself",
                order(new OperatorRequest.Replicate(subject.gossip.myself().hex(), false)));
        assertEquals("ERR I can only replicate a master, not a replica.",
                order(new OperatorRequest.Replicate(sibling.id.hex(), false)));
        primaryFails();
        assertEquals("ERR Master is down or failed, please use CLUSTER FAILOVER FORCE",
                order(new OperatorRequest.Failover(FailoverKind.AGREED)));
        assertEquals("OK", order(new OperatorRequest.Forget(sibling.id.hex())));
        assertEquals("ERR Can't forget my master!", order(new OperatorRequest.Forget(primary.id.hex())));
        Subject owner = Subject.fresh();
        Peer other = new Peer(owner, 'a');
        assertEquals("ERR You should send CLUSTER FAILOVER to a replica",
                owner.ask(new OperatorRequest.Failover(FailoverKind.FORCE)));
        String notEmpty = "ERR To set a master the node must be empty and without assigned slots.";
        assertEquals(notEmpty, owner.ask(new OperatorRequest.Replicate(other.id.hex(), true)));
        owner.ask(new OperatorRequest.AddSlots(new int[] {1}));
        assertEquals(notEmpty, owner.ask(new OperatorRequest.Replicate(other.id.hex(), false)));
    }

    @Test
    void itFollowsItsPrimaryToAnotherAddress() {
        Subject mover = Subject.fresh();
        Peer leader = new Peer(mover, 'a');
        mover.outputs.clear();
        mover.ask(new OperatorRequest.Replicate(leader.id.hex(), false));
        assertTrue(mover.outputs.contains(new Output.Follow(leader.id, "10.0.0.9", 7000 + 'a')));
        mover.outputs.clear();
        mover.pass(500);
        assertTrue(mover.outputs.stream().noneMatch(Output.Follow.class::isInstance));
        Peer moved = new Peer(mover, leader.id);
        mover.outputs.clear();
        moved.ping();
        assertTrue(mover.outputs.stream().anyMatch(output -> output instanceof Output.Follow follow
                && follow.primary().equals(leader.id) && follow.port() != 7000 + 'a'));
    }

    @Test
    void itFollowsWhoHasTakenAllSlotsOfItsPrimary() {
        sibling.primary = null;
        sibling.currentEpoch = 11;
        sibling.configEpoch = 11;
        subject.outputs.clear();
        sibling.ping();
        assertEquals(sibling.id, subject.view.myself().primary());
        assertTrue(subject.outputs.stream().anyMatch(Output.Follow.class::isInstance));
    }

    @Test
    void aResetReplicaIsAnEmptyPrimaryOfAShardOfItsOwn() {
        String shard = subject.view.myself().shard();
        subject.outputs.clear();
        assertEquals("OK", order(new OperatorRequest.Reset(false)));
        assertTrue(subject.view.myself().isPrimary());
        assertFalse(subject.view.myself().shard().equals(shard));
        assertTrue(subject.outputs.contains(new Output.Promote()));
        assertTrue(subject.outputs.stream().anyMatch(output ->
                output instanceof Output.DropKeys drop && drop.slots().length == ClusterView.SLOTS));
    }
}
