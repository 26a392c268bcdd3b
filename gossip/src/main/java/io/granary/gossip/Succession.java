package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;

/**
 * The parts that see to it that a primary and its successor are never both believed: what voters promise, what the
 * promises are worth to a primary, which places are contested, and how a primary gets out of that.
 */
final class Succession {

    private final Contests contests;
    private final Promises promises;
    private final Votes votes;
    private final Lease lease;
    private final Reelection reelection;
    private final Yielding yielding;

    Succession(ClusterState state, Messages messages, KnownGrants grants) {
        this.contests = new Contests(state, messages);
        this.promises = new Promises(state, contests);
        this.votes = new Votes(state, messages, promises, contests, grants);
        this.lease = new Lease(state, contests);
        this.reelection = new Reelection(state, messages, contests, votes);
        this.yielding = new Yielding(state);
    }

    Contests contests() {
        return contests;
    }

    Promises promises() {
        return promises;
    }

    Votes votes() {
        return votes;
    }

    Yielding yielding() {
        return yielding;
    }

    Reelection reelection() {
        return reelection;
    }

    /** A node has said something newer than all before. */
    void heard(Node sender, BusHeader header) {
        if (header.isPrimary()) {
            sender.paused = header.has(BusHeader.PAUSED);
        }
        boolean behind = header.stamp() != null && header.stamp().behind();
        sender.waited |= sender.behind && !behind;
        sender.behind = behind;
        yielding.heard(sender, header);
    }

    /** A node has answered a ping on this node's own link. */
    void answered(Node node, BusHeader pong) {
        if (pong.stamp() == null) {
            contests.answered(node, pong, node.answeredPingSentMs);
            lease.answeredByForeign();
        } else {
            lease.answered(node, pong);
        }
    }

    void tick() {
        contests.tick();
        votes.tick();
        yielding.tick();
    }

    /** To be called after every input. */
    void step() {
        yielding.step();
        promises.step();
        votes.step();
        reelection.step();
    }

    /** To be called behind the view. */
    void tellLease() {
        lease.step();
    }
}
