package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Peer.Subject;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;
import io.granary.gossip.wire.MessageType;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a promise is worth, to the millisecond, and to whom none is given: three primaries, one of them the subject. */
final class LeaseTest {

    private static final int PROMISE_MS = 250;

    private final Subject subject = Subject.fresh();
    private final Peer one = new Peer(subject, 'a');
    private final Peer two = new Peer(subject, 'b');
    private final Peer replica = new Peer(subject, 'c');
    private long sequence;

    @BeforeEach
    void form() {
        subject.ask(new OperatorRequest.AddSlots(new int[] {5}));
        subject.pass(100);
        speaks(one, 4, SlotBitmap.of(1, 2));
        speaks(two, 5, SlotBitmap.of(3));
        replica.primary = one.id;
        speaks(replica, 4, one.slots);
    }

    private void speaks(Peer peer, long epoch, SlotBitmap slots) {
        peer.configEpoch = epoch;
        peer.currentEpoch = 5;
        peer.slots = slots;
        ping(peer);
    }

    private void stamp(Peer peer, long answered, int promiseMs) {
        peer.stamp = new BusHeader.Stamp(peer.busPort, ++sequence, answered, promiseMs, false, false, false);
    }

    /** A peer asks for a promise: how long it gets one for. */
    private int ping(Peer peer) {
        subject.outputs.clear();
        stamp(peer, 0, 0);
        peer.ping();
        return subject.sent(BusMessage.Heartbeat.class).stream()
                .filter(sent -> sent.header().stamp().answered() == peer.stamp.sequence())
                .mapToInt(sent -> sent.header().stamp().promiseMs())
                .max().orElseThrow();
    }

    private void answer(Peer peer, long asked) {
        stamp(peer, asked, PROMISE_MS);
        peer.pong();
    }

    /** Lets the subject ask everybody anew; the number of its ping to a peer, sent now. */
    private long asks(Peer peer) {
        for (int i = 0; i < 50; i++) {
            subject.outputs.clear();
            subject.pass(100);
            long asked = subject.outputs.stream()
                    .filter(output -> output instanceof Output.Send(long link, BusMessage.Heartbeat ping)
                            && link == peer.ourLink && ping.type() == MessageType.PING)
                    .mapToLong(output -> ((Output.Send) output).message().header().stamp().sequence())
                    .max().orElse(0);
            if (asked > 0) {
                return asked;
            }
        }
        throw new AssertionError("nobody is asked");
    }

    private List<Long> ends() {
        return subject.outputs.stream()
                .filter(Output.Lease.class::isInstance)
                .map(output -> ((Output.Lease) output).untilMs())
                .toList();
    }

    @Test
    void aPromiseIsCountedFromThePingAndLessWhatClocksMayDiffer() {
        long asked = asks(one);
        long askedMs = subject.nowMs;
        subject.nowMs += 40;
        subject.outputs.clear();
        answer(one, asked);
        assertEquals(List.of(askedMs + PROMISE_MS - PROMISE_MS / 16 - 2), ends());
    }

    @Test
    void anAnswerToAnotherPingThanTheLastIsWorthNothing() {
        long asked = asks(one);
        subject.outputs.clear();
        answer(one, asked - 1);
        assertEquals(List.of(), ends());
        answer(one, asked);
        subject.outputs.clear();
        answer(one, asked);
        assertEquals(List.of(), ends());
    }

    @Test
    void thePromiseOfAContestedVoterIsWorthNothing() {
        long asked = asks(one);
        stamp(two, 0, 0);
        two.currentEpoch = 9;
        two.ping(new GossipEntry(one.id, 0, 0, "10.0.0.9", 7000 + 'a', 0, one.busPort, 1, 9));
        subject.outputs.clear();
        answer(one, asked);
        assertEquals(List.of(), ends());
        asked = asks(two);
        subject.outputs.clear();
        answer(two, asked);
        assertEquals(1, ends().size());
    }

    private void requestInEpoch(long epoch) {
        subject.outputs.clear();
        replica.currentEpoch = epoch;
        stamp(replica, 0, 0);
        replica.messageFlags = BusHeader.FORCE_ACK;
        replica.send(replica.link, new BusMessage.FailoverAuthRequest(replica.header()));
    }

    private int votes() {
        return subject.sent(BusMessage.FailoverAuthAck.class).size();
    }

    @Test
    void aNewVoterWaitsForTwoPromisesOfWhoeverWasInItsPlace() {
        // the promises of this process are over before
        requestInEpoch(9);
        subject.pass(300);
        assertEquals(0, votes());
        subject.pass(300);
        assertEquals(1, votes());
    }

    @Test
    void aVoteWaitsForTheEndOfThePromiseAndMeanwhileNothingMoreIsPromised() {
        subject.pass(1000);
        assertEquals(PROMISE_MS, ping(one));
        requestInEpoch(9);
        subject.pass(PROMISE_MS / 2);
        assertEquals(0, votes());
        assertEquals(0, ping(one));
        assertEquals(PROMISE_MS, ping(two));
        subject.pass(PROMISE_MS / 2 + 100);
        assertTrue(votes() == 1, subject.outputs::toString);
    }

    @Test
    void whomItHasVotedAgainstItPromisesNothing() {
        subject.pass(1000);
        requestInEpoch(9);
        assertEquals(1, votes());
        assertEquals(0, ping(one));
        assertEquals(PROMISE_MS, ping(two));
        one.configEpoch = 10;
        one.currentEpoch = 10;
        ping(one);
        assertEquals(PROMISE_MS, ping(one));
    }

    @Test
    void itsOwnVoteDoesNotCountWhereAPrimaryStandsAnew() {
        Peer own = new Peer(subject, 'd');
        own.primary = subject.gossip.myself();
        speaks(own, 0, SlotBitmap.of(5));
        ping(one);
        two.currentEpoch = 9;
        stamp(two, 0, 0);
        two.ping(new GossipEntry(subject.gossip.myself(), 0, 0, "10.0.0.5", 7000, 0, 17000, 1, 9));
        subject.pass(800);
        long asked = subject.sent(BusMessage.FailoverAuthRequest.class).getLast().header().currentEpoch();
        votes(one, asked);
        assertTrue(subject.view.myself().configEpoch() < asked);
        votes(two, asked);
        assertEquals(asked, subject.view.myself().configEpoch());
    }

    private void votes(Peer voter, long epoch) {
        voter.currentEpoch = epoch;
        stamp(voter, 0, 0);
        voter.send(voter.link, new BusMessage.FailoverAuthAck(voter.header()));
    }

    @Test
    void aVoteDoesNotWaitForWhoeverHasGotOneOfTheSlotsMeanwhile() {
        subject.pass(1000);
        ping(one);
        ping(two);
        requestInEpoch(9);
        speaks(two, 6, SlotBitmap.of(2, 3));
        for (int i = 0; i < 5; i++) {
            subject.pass(100);
            ping(two);
        }
        one.slots = SlotBitmap.of(1);
        ping(one);
        assertEquals(PROMISE_MS, ping(one));
    }
}
