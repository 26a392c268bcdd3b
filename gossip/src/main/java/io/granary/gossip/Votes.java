package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The votes that this node gives to replicas that want to succeed their failed primary: at most one in an epoch, whatever
 * happens, or two nodes win the same election. So a vote is on disk before it is sent. One that a promise to the primary
 * forbids waits until the promise is over ({@link Promises}).
 *
 * <p>A node that was restored from the previous generation of its nodes file may have voted without remembering it. It
 * votes again only when every election that it may have voted in is over: it waits as long as an election can live, and
 * it hears from a majority of the primaries, one of which at least knows the epoch of any election that was won with the
 * forgotten vote. That epoch then counts as voted in.
 */
final class Votes {

    private static final long ELECTION_LEAST_MS = 2000;
    private static final long RIVAL_PAUSE_MS = 500;

    /** A request that is granted or refused when no promise stands against it any more. */
    private record Waiting(Node candidate, BusHeader request, Link link) {}

    private final ClusterState state;
    private final Messages messages;
    private final Promises promises;
    private final Contests contests;
    private final KnownGrants grants;

    /** One for each primary that is to be replaced. */
    private final Map<Node, Waiting> waiting = new LinkedHashMap<>();

    /** Since when it is not known whether a vote was forgotten; -1 when all are remembered. */
    private long forgetfulSinceMs = -1;

    /** Who got the last vote; null when that was in an earlier life. */
    private Node votedFor;

    private final Set<NodeId> heard = new HashSet<>();

    Votes(ClusterState state, Messages messages, Promises promises, Contests contests, KnownGrants grants) {
        this.state = state;
        this.messages = messages;
        this.promises = promises;
        this.contests = contests;
        this.grants = grants;
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

    /** Whether a vote that is given now would be remembered. */
    boolean canBeStored() {
        return forgetfulSinceMs < 0 && state.out.failure() == null;
    }

    /** Grants the vote, now or when no promise forbids it any more, or logs why not. */
    void requested(Node candidate, BusHeader request, Link link) {
        if (!state.myself.isVoter()) {
            return;
        }
        String refusal = refusal(candidate, request);
        if (refusal != null && hasVote(candidate, request)) {
            vote(candidate, request, link);
        } else if (refusal != null) {
            state.warning("Failover auth denied to " + candidate + ": " + refusal);
        } else if (promises.forbid(candidate, request)) {
            await(new Waiting(candidate, request, link));
        } else {
            grant(candidate, request, link);
        }
    }

    private void grant(Node candidate, BusHeader request, Link link) {
        state.lastVoteEpoch = state.currentEpoch;
        votedFor = candidate;
        if (candidate.primary != null) {
            noteVote(candidate.primary, candidate);
        }
        contests.decided(candidate, state.currentEpoch);
        state.out.save();
        vote(candidate, request, link);
        state.notice("Failover auth granted to " + candidate + " for epoch " + state.currentEpoch);
    }

    /**
     * A vote brings along what its giver knows of the candidate's primary, in front of it on the same connection: so whoever
     * wins with a majority of votes knows all that a majority knew, and leaves behind no slot that the primary was sure of,
     * and none that it was about to give or to get.
     */
    private void vote(Node candidate, BusHeader request, Link link) {
        Link to = linkTo(candidate, link);
        Node primary = candidate.primary;
        if (primary != null && request.stamp() != null && !request.slots().containsAll(messages.claimsOf(primary))) {
            messages.updateAfterSave(to, primary);
        }
        messages.vote(to, request.stamp() == null ? List.of() : grants.toldTo(candidate));
    }

    /**
     * Whether the candidate has the vote already and asks again: it was lost on its way, or is still on it. One of Redis
     * would count it twice, but asks once.
     */
    private boolean hasVote(Node candidate, BusHeader request) {
        return candidate == votedFor
                && request.stamp() != null
                && request.currentEpoch() == state.lastVoteEpoch
                && state.currentEpoch == state.lastVoteEpoch
                && canBeStored();
    }

    private static Link linkTo(Node candidate, Link link) {
        return candidate.link != null && candidate.link.up ? candidate.link : link;
    }

    private void await(Waiting request) {
        Node replaced = request.candidate.primary == null ? request.candidate : request.candidate.primary;
        Waiting earlier = waiting.get(replaced);
        if (earlier == null || earlier.request.currentEpoch() < request.request.currentEpoch()) {
            waiting.put(replaced, request);
            markWaiting();
        }
    }

    /**
     * Nobody is promised anything more against whom a vote waits, or it would wait for ever; that may be somebody who has
     * got one of the slots meanwhile.
     */
    private void markWaiting() {
        for (Node node : state.nodes()) {
            node.voteWaits = false;
            for (Waiting each : waiting.values()) {
                node.voteWaits |= node != each.candidate
                        && (node == each.candidate.primary || node.slots().intersects(each.request.slots()));
            }
        }
    }

    /** To be called after every input: gives the votes that have waited, and forgets those that would be refused now. */
    void step() {
        if (waiting.isEmpty()) {
            return;
        }
        List<Waiting> due = new ArrayList<>();
        for (Waiting each : waiting.values()) {
            if (refusal(each.candidate, each.request) != null || !promises.forbid(each.candidate, each.request)) {
                due.add(each);
            }
        }
        waiting.values().removeAll(due);
        markWaiting();
        due.sort(Comparator.comparingLong(each -> each.request.currentEpoch()));
        for (Waiting each : due) {
            if (state.node(each.candidate.id) == each.candidate) {
                requested(each.candidate, each.request, each.link);
            }
        }
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
        long handedOverIn = request.has(BusHeader.FORCE_ACK) ? request.currentEpoch() : 0;
        if (!contests.mayVoteFor(candidate, handedOverIn)) {
            return "my own place is contested";
        }
        if (candidate.isPrimary()) {
            boolean asksAnew = request.stamp() != null && request.isPrimary() && candidate.isVoter();
            return asksAnew && promises.ownsWhatItClaims(candidate, request) ? null : "it is a master node";
        }
        return candidate.primary == null
                ? "I don't know its master"
                : refusalToReplace(candidate.primary, candidate, request);
    }

    private String refusalToReplace(Node primary, Node candidate, BusHeader request) {
        boolean ordered = request.has(BusHeader.FORCE_ACK);
        boolean failed = primary.is(NodeFlag.FAIL) || primary == state.myself && state.behind;
        if (!failed && !ordered) {
            return "its master is up";
        }
        if (primary.isBackWithNoLessThan(request.offset()) && !ordered) {
            return "its master is back, and has no less data";
        }
        long pauseMs = pauseMs(primary, candidate, request);
        if (primary.votedMs != 0 && state.nowMs - primary.votedMs < pauseMs) {
            return "can't vote about this master before " + (pauseMs - (state.nowMs - primary.votedMs)) + " milliseconds";
        }
        if (request.offset() == 0 && !ordered) {
            for (Node sibling : state.nodes()) {
                if (hasMore(sibling, candidate)) {
                    return "it has no data, and " + sibling + " has";
                }
            }
        }
        return staleClaim(request);
    }

    private void noteVote(Node primary, Node candidate) {
        if (primary.votedFor != candidate || state.nowMs - primary.votedMs > RIVAL_PAUSE_MS) {
            primary.votedMs = state.nowMs;
        }
        primary.votedFor = candidate;
    }

    /**
     * After a vote, others are left in peace for a time to win with it, or replicas could take each other's votes for ever.
     * Redis waits for two node timeouts, and candidates of Redis for as long; those of this kind know within a moment
     * whether they have won, and who got the last vote may have the next, but does not keep others away longer by that.
     */
    private long pauseMs(Node primary, Node candidate, BusHeader request) {
        long longestMs = 2 * state.settings.nodeTimeoutMs();
        if (request.stamp() == null) {
            return longestMs;
        }
        return primary.votedFor == candidate ? 0 : Math.min(longestMs, RIVAL_PAUSE_MS);
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
            if (owner != null && !state.isAbandoned(slot) && owner.configEpoch > request.configEpoch()) {
                return "slot " + slot + " epoch (" + owner.configEpoch + ") > reqEpoch (" + request.configEpoch() + ")";
            }
        }
        return null;
    }
}
