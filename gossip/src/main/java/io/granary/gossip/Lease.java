package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.Arrays;

/**
 * Until when this primary knows that no replica can have been elected in its place, so that it may acknowledge writes.
 *
 * <p>THE DANGER. A primary that is cut off, or stands still, notices its replacement late: in Redis it takes writes for up
 * to a node timeout, and all of them are lost when it hears of its successor.
 *
 * <p>THE RULE. Every voter promises, in its answer to a ping, not to vote against the sender for some time ({@link
 * Promises}). The promise begins when the ping is received, and the primary counts it from when the ping was sent, so the
 * primary's end comes first, on clocks that need not agree on anything but the length of a second. While promises of a
 * majority hold, itself counted, nobody can have got the votes of a majority: one voter at least would be in both.
 *
 * <p>WHO IS COUNTED. A voter whose own place is contested ({@link Contests}) counts for nothing. A voter of Redis or Valkey
 * promises nothing; that it has answered is worth a node timeout, for it takes so long to suspect anybody, and mostly a
 * node is elected away only when a majority does. That is a habit of theirs and no promise: suspicions are kept for two
 * node timeouts, so in such a cluster the lease shortens the time in which writes are lost but does not end it.
 *
 * <p>CLOCKS may differ in rate by up to three in a hundred; one that stops while the world goes on (a suspended virtual
 * machine whose monotonic clock stands still) breaks the rule.
 */
final class Lease {

    /** A sixteenth of a promise, and two roundings to a millisecond, are left to the clocks. */
    private static final int DRIFT_SHARE = 16;

    private static final long ROUNDING_MS = 2;

    /** With many voters, each of whose answers moves the end a little, it is looked at once in a millisecond for so many. */
    private static final int VOTERS_A_MS = 10;

    private final ClusterState state;
    private final Contests contests;
    private long[] endsMs = new long[16];
    private long toldMs = Long.MIN_VALUE;
    private long seenChanges = -1;

    /** Before this, answers alone are no reason to look again. */
    private long nextMs;

    private boolean answered;
    private boolean leading;
    private boolean paused;

    Lease(ClusterState state, Contests contests) {
        this.state = state;
        this.contests = contests;
    }

    /** A voter has answered a ping of this node on this node's own link; answers to an older ping are worth nothing. */
    void answered(Node voter, BusHeader pong) {
        BusHeader.Stamp stamp = pong.stamp();
        if (stamp == null || stamp.answered() == 0 || stamp.answered() != voter.askedSequence) {
            return;
        }
        voter.askedSequence = 0;
        contests.answered(voter, pong, voter.askedMs);
        if (stamp.promiseMs() > 0) {
            answered = true;
            voter.wordEpoch = pong.configEpoch();
            voter.leaseUntilMs = voter.askedMs + stamp.promiseMs() - stamp.promiseMs() / DRIFT_SHARE - ROUNDING_MS;
        }
    }

    /** A voter of another kind has answered a ping. */
    void answeredByForeign() {
        answered = true;
    }

    /** To be called after every input, behind the view: says when the end has moved. */
    void step() {
        forgetOldPromises();
        if (seenChanges == state.changes() && (!answered || state.nowMs < nextMs)) {
            return;
        }
        nextMs = state.nowMs + state.size() / VOTERS_A_MS;
        answered = false;
        seenChanges = state.changes();
        long untilMs = untilMs();
        if (untilMs != toldMs) {
            toldMs = untilMs;
            state.out.add(new Output.Lease(untilMs));
        }
    }

    /**
     * Promises were given to a primary; one that has been a replica since, or has paused its writes for a successor, has to
     * ask again.
     */
    private void forgetOldPromises() {
        boolean leads = state.myself.isVoter();
        boolean pausedNow = state.pausedOffset >= 0;
        seenChanges = leads != leading || paused != pausedNow ? -1 : seenChanges;
        if (leads != leading || paused && !pausedNow) {
            for (Node node : state.nodes()) {
                node.leaseUntilMs = 0;
                node.askedSequence = 0;
            }
        }
        leading = leads;
        paused = pausedNow;
    }

    /**
     * A pause for a failover does not end what the promises until then are worth, though voters take them back when they
     * hear of it: what was written before the pause the successor has, too.
     */
    private long untilMs() {
        Node me = state.myself;
        if (me.isReplica()) {
            return Long.MIN_VALUE;
        }
        if (!me.isVoter()) {
            return Long.MAX_VALUE;
        }
        if (state.pausedOffset >= 0) {
            return toldMs;
        }
        if (state.behind || Contests.bars(me, me.configEpoch)) {
            return Long.MIN_VALUE;
        }
        int size = 1;
        for (Node node : state.nodes()) {
            if (node != me && node.isVoter()) {
                if (size > endsMs.length) {
                    endsMs = Arrays.copyOf(endsMs, 2 * endsMs.length);
                }
                endsMs[size - 1] = endMs(node);
                size++;
            }
        }
        int others = size / 2;
        if (others == 0) {
            return Long.MAX_VALUE;
        }
        Arrays.sort(endsMs, 0, size - 1);
        return endsMs[size - 1 - others];
    }

    private long endMs(Node voter) {
        if (voter.newest == null) {
            return voter.answeredPingSentMs == 0 ? 0 : voter.answeredPingSentMs + state.settings.nodeTimeoutMs();
        }
        return Contests.bars(voter, voter.wordEpoch) ? 0 : voter.leaseUntilMs;
    }
}
