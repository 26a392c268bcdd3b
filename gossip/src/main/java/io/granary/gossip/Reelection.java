package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.HashMap;
import java.util.Map;

/**
 * How a primary whose place is contested gets sure of it again: it stands for election itself.
 *
 * <p>A replica of this primary was voted for, and nothing has come of it, or nothing that could be heard: then nobody
 * promises this primary anything, since the replica may have won (see {@link Contests}). Waiting for the replica to say
 * that it has not would be no way out, as it may be gone for good. So the primary asks for votes in a new epoch. Voters
 * that have heard of a successor refuse; if a majority has not, no successor was ever promised anything, so none has
 * acknowledged a write. Once elected, the primary's claims are of a greater epoch than the successor's, and the successor
 * will step back when it hears them.
 *
 * <p>Its own vote does not count, since its place may not be its own any more: the majority is one of the other primaries.
 * Where so many are not to be had, the primary waits for its replicas to answer (see {@link Contests}).
 */
final class Reelection {

    private static final int RETRY_MS = 1000;

    private final ClusterState state;
    private final Messages messages;
    private final Contests contests;
    private final Votes votes;
    private final Map<Node, Long> voters = new HashMap<>();

    /** 0 while none is held. */
    private long epoch;

    /** When votes are asked for, anew; -1 while the place is not contested. */
    private long askMs = -1;

    Reelection(ClusterState state, Messages messages, Contests contests, Votes votes) {
        this.state = state;
        this.messages = messages;
        this.contests = contests;
        this.votes = votes;
    }

    /** Somebody has voted; says whether it was in this election. */
    boolean voted(Node voter, BusHeader vote) {
        if (epoch == 0 || vote.currentEpoch() != epoch) {
            return false;
        }
        voters.put(voter, vote.configEpoch());
        return true;
    }

    /** To be called after every input. */
    void step() {
        Node me = state.myself;
        if (!me.isVoter() || !Contests.bars(me, me.configEpoch) || state.pausedOffset >= 0 || state.behind
                || state.epochBound && state.rival == null) {
            epoch = 0;
            askMs = -1;
        } else if (askMs < 0) {
            // time for the election that was begun: if it is won, that is told at once
            askMs = state.nowMs + 2 * Promises.lengthMs(state) + state.random.nextInt(RETRY_MS / 4);
        } else if (epoch != 0 && contests.countVotes(voters) >= state.quorum() && !mayTakeFromSuccessor()) {
            win();
        } else if (state.nowMs >= askMs) {
            ask();
        }
    }

    /** Slots that are changing hands may be those of a replica of the other side that was elected and is not heard yet. */
    private boolean mayTakeFromSuccessor() {
        return state.rival != null && contests.isOpenOver(state.rival);
    }

    private void ask() {
        askMs = state.nowMs + RETRY_MS + state.random.nextInt(RETRY_MS);
        if (!votes.canBeStored() || !reachesMajority()) {
            return;
        }
        voters.clear();
        state.currentEpoch++;
        long asked = state.currentEpoch;
        epoch = asked;
        // its vote in this epoch is given, on disk before anybody is asked
        state.lastVoteEpoch = epoch;
        state.changedDurably();
        state.notice("A replica of mine was voted for: asking for votes myself in epoch " + epoch + ".");
        messages.requestVotes(
                state.nodes().stream().filter(node -> node.isVoter() && node.newest != null).toList(),
                0,
                state.myself.slots(),
                () -> epoch == asked);
    }

    private boolean reachesMajority() {
        return state.nodes().stream().filter(node -> node.isVoter() && !node.isFailing()).count() >= state.quorum();
    }

    private void win() {
        Node me = state.myself;
        me.configEpoch = epoch;
        contests.decided(me, epoch);
        epoch = 0;
        state.notice("I stay the master of my slots: configEpoch set to " + me.configEpoch);
        state.changedDurably();
    }
}
