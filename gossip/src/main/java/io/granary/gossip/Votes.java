package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.HashSet;
import java.util.Set;

/**
 * The votes that this node gives to replicas that want to succeed their failed primary: at most one in an epoch, whatever
 * happens, or two nodes win the same election. So a vote is on disk before it is sent.
 *
 * <p>A node that was restored from the previous generation of its nodes file may have voted without remembering it. It
 * votes again only when every election that it may have voted in is over: it waits as long as an election can live, and
 * it hears from a majority of the primaries, one of which at least knows the epoch of any election that was won with the
 * forgotten vote. That epoch then counts as voted in.
 */
final class Votes {

    private static final long ELECTION_LEAST_MS = 2000;

    private final ClusterState state;
    private final Messages messages;

    /** Since when it is not known whether a vote was forgotten; -1 when all are remembered. */
    private long forgetfulSinceMs = -1;

    private final Set<NodeId> heard = new HashSet<>();

    Votes(ClusterState state, Messages messages) {
        this.state = state;
        this.messages = messages;
    }

    void mayHaveForgotten() {
        forgetfulSinceMs = state.nowMs;
    }

    /** A primary with slots has answered and told its epoch. */
    void heardFrom(Node node) {
        if (forgetfulSinceMs >= 0 && node.isVoter()) {
            heard.add(node.id);
        }
    }

    void tick() {
        long electionMs = Math.max(2 * state.settings.nodeTimeoutMs(), ELECTION_LEAST_MS);
        if (forgetfulSinceMs >= 0 && state.nowMs - forgetfulSinceMs > 2 * electionMs && heard.size() >= state.quorum()) {
            forgetfulSinceMs = -1;
            heard.clear();
            state.lastVoteEpoch = state.currentEpoch;
            state.changedDurably();
        }
    }

    /** Grants the vote, or logs why not. */
    void requested(Node candidate, BusHeader request, Link link) {
        if (!state.myself.isVoter()) {
            return;
        }
        String refusal = refusal(candidate, request);
        if (refusal != null) {
            state.warning("Failover auth denied to " + candidate + ": " + refusal);
            return;
        }
        state.lastVoteEpoch = state.currentEpoch;
        candidate.primary.votedMs = state.nowMs;
        state.out.save();
        messages.vote(candidate.link != null && candidate.link.up ? candidate.link : link);
        state.notice("Failover auth granted to " + candidate + " for epoch " + state.currentEpoch);
    }

    /** Why the candidate does not get the vote, null when it does. */
    private String refusal(Node candidate, BusHeader request) {
        if (forgetfulSinceMs >= 0) {
            return "I may have voted before my nodes file was damaged";
        }
        if (state.out.failure() != null) {
            return "a vote could not be stored: " + state.out.failure();
        }
        if (request.currentEpoch() < state.currentEpoch) {
            return "reqEpoch (" + request.currentEpoch() + ") < curEpoch(" + state.currentEpoch + ")";
        }
        if (state.lastVoteEpoch == state.currentEpoch) {
            return "already voted for epoch " + state.currentEpoch;
        }
        Node primary = candidate.primary;
        if (candidate.isPrimary()) {
            return "it is a master node";
        }
        if (primary == null) {
            return "I don't know its master";
        }
        if (!primary.is(NodeFlag.FAIL) && !request.has(BusHeader.FORCE_ACK)) {
            return "its master is up";
        }
        long pauseMs = 2 * state.settings.nodeTimeoutMs();
        if (primary.votedMs != 0 && state.nowMs - primary.votedMs < pauseMs) {
            return "can't vote about this master before " + (pauseMs - (state.nowMs - primary.votedMs)) + " milliseconds";
        }
        if (request.offset() == 0 && !request.has(BusHeader.FORCE_ACK)) {
            for (Node sibling : state.nodes()) {
                if (hasMore(sibling, candidate)) {
                    return "it has no data, and " + sibling + " has";
                }
            }
        }
        return staleClaim(request);
    }

    /** Whether another replica of the same primary could stand and has data: an empty one must not win by being faster. */
    private static boolean hasMore(Node sibling, Node candidate) {
        return sibling != candidate
                && sibling.primary == candidate.primary
                && sibling.offset > 0
                && !sibling.isFailing()
                && !sibling.is(NodeFlag.NOFAILOVER);
    }

    private String staleClaim(BusHeader request) {
        SlotBitmap claimed = request.slots();
        for (int slot = claimed.next(0); slot >= 0; slot = claimed.next(slot + 1)) {
            Node owner = state.owner(slot);
            if (owner != null && !state.abandoned.get(slot) && owner.configEpoch > request.configEpoch()) {
                return "slot " + slot + " epoch (" + owner.configEpoch + ") > reqEpoch (" + request.configEpoch() + ")";
            }
        }
        return null;
    }
}
