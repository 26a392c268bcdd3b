package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;

/**
 * What this node, as a voter, has promised to primaries: after the ping that it answered, it gives no vote against its
 * sender and reports no refused connection of it for a time ({@link #lengthMs}). See {@link Lease} for what that is worth.
 *
 * <p>A promise is kept by whoever sits on the seat: a node that has become a voter a moment ago does not know what was
 * promised by its predecessor, or by its own process before it was started again. So a new voter votes for nobody until
 * such promises are over.
 */
final class Promises {

    private static final long LEAST_MS = 250;

    /** So much longer for each primary: a primary asks all of them in a third of the time. */
    private static final long PER_PRIMARY_MS = 10;

    private final ClusterState state;
    private final Contests contests;

    /** Since when this node is a voter; -1 while it is none. */
    private long voterSinceMs = -1;

    Promises(ClusterState state, Contests contests) {
        this.state = state;
        this.contests = contests;
    }

    /** How long promises are, by the number of primaries with slots. */
    static long lengthMs(ClusterState state) {
        long wantedMs = Math.max(LEAST_MS, PER_PRIMARY_MS * state.size());
        return Math.min(Math.min(wantedMs, state.settings.nodeTimeoutMs()), BusHeader.Stamp.PROMISE_LIMIT_MS);
    }

    /** To be called after every input. */
    void step() {
        if (!state.myself.isVoter()) {
            voterSinceMs = -1;
        } else if (voterSinceMs < 0) {
            voterSinceMs = state.nowMs;
        }
    }

    /**
     * Answers a ping: for how long its sender is safe from this node's vote, 0 when nothing is promised. Nothing is if a
     * vote against it waits already, or somebody else may own its slots, or while it has paused its writes: then it has
     * no use for a promise, and whoever takes over need not wait.
     */
    int give(Node primary, BusHeader ping) {
        boolean given = state.myself.isVoter()
                && ping.stamp() != null
                && ping.isPrimary()
                && primary.isVoter()
                && !primary.paused
                && !ping.has(BusHeader.PAUSED)
                && !ping.stamp().behind()
                && !primary.voteWaits
                && !Contests.bars(primary, ping.configEpoch())
                && contests.mayGiveWord()
                && ownsWhatItClaims(primary, ping);
        if (!given) {
            return 0;
        }
        long lengthMs = lengthMs(state);
        primary.promisedUntilMs = Math.max(primary.promisedUntilMs, state.nowMs + lengthMs);
        return (int) lengthMs;
    }

    /** Whether nobody else is known to own, in its epoch or a later one, a slot that the node claims in a message. */
    boolean ownsWhatItClaims(Node primary, BusHeader ping) {
        if (primary.slots().equals(ping.slots())) {
            return true;
        }
        SlotBitmap claimed = ping.slots();
        for (int slot = claimed.next(0); slot >= 0; slot = claimed.next(slot + 1)) {
            Node owner = state.owner(slot);
            boolean theirs = owner != null && owner != primary && !state.isAbandoned(slot);
            if (theirs && owner.configEpoch >= ping.configEpoch()) {
                return false;
            }
        }
        return true;
    }

    /** Whether a promise to a node is still to be kept. */
    boolean bind(Node node) {
        return state.myself.isVoter() && !node.paused && !node.behind && state.nowMs <= node.promisedUntilMs;
    }

    /** Whether a vote for a candidate would break a promise: to its primary, or to whoever owns a slot that it claims. */
    boolean forbid(Node candidate, BusHeader request) {
        if (state.nowMs <= voterSinceMs + 2 * lengthMs(state)) {
            return true;
        }
        if (candidate.primary != null && bind(candidate.primary)) {
            return true;
        }
        for (Node node : state.nodes()) {
            if (node != candidate && node != candidate.primary && bind(node) && node.slots().intersects(request.slots())) {
                return true;
            }
        }
        return false;
    }
}
