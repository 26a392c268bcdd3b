package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.HashMap;
import java.util.List;
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
 * <p>Its own vote does not count then, since its place may not be its own any more: the majority is one of the other
 * primaries.
 * Where so many are not to be had, the primary waits for its replicas to answer (see {@link Contests}).
 *
 * <p>In the same way a primary gets slots that are nobody's, where it has their data (see {@link HandOver}).
 */
final class Reelection {

    private static final int RETRY_MS = 1000;

    private final ClusterState state;
    private final Messages messages;
    private final Contests contests;
    private final Votes votes;
    private final Map<Node, Long> voters = new HashMap<>();

    /** What this primary wants to win besides its own slots; null for nothing. */
    private Wanted wanted;

    private boolean wonWanted;

    /** 0 while none is held. */
    private long epoch;

    /** When votes are asked for, anew; -1 while the place is not contested. */
    private long askMs = -1;

    private record Wanted(SlotBitmap slots, long epoch, Node rival) {}

    Reelection(ClusterState state, Messages messages, Contests contests, Votes votes) {
        this.state = state;
        this.messages = messages;
        this.contests = contests;
        this.votes = votes;
    }

    /**
     * From now on stands for election, to get slots besides its own that it has the data of and nobody claims any more, or
     * who does has said that it will not have them.
     *
     * @param epoch in which, or a later one, nobody may have got them, as far as any voter knows
     * @param rival in whose place somebody might be elected with them
     */
    void want(SlotBitmap slots, long epoch, Node rival) {
        wanted = new Wanted(slots, epoch, rival);
        wonWanted = false;
        this.epoch = 0;
        askMs = state.nowMs;
    }

    void wantNoMore() {
        wanted = null;
        wonWanted = false;
    }

    boolean wants() {
        return wanted != null;
    }

    /** Whether what is wanted was won. */
    boolean hasWonWanted() {
        return wonWanted;
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
        boolean barred = Contests.bars(me, me.configEpoch);
        if (!me.isVoter() || !barred && (wanted == null || wonWanted) || state.pausedOffset >= 0 || state.behind
                || state.epochBound && state.rival == null && wanted == null) {
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
        Node rival = wanted == null ? state.rival : wanted.rival;
        return rival != null && contests.isOpenOver(rival);
    }

    private void ask() {
        askMs = state.nowMs + RETRY_MS + state.random.nextInt(RETRY_MS);
        if (!votes.canBeStored() || !reachesMajority()) {
            return;
        }
        voters.clear();
        voters.put(state.myself, state.myself.configEpoch);
        state.currentEpoch++;
        long inEpoch = state.currentEpoch;
        epoch = inEpoch;
        // its vote in this epoch is given, on disk before anybody is asked
        state.lastVoteEpoch = epoch;
        state.changedDurably();
        state.notice((wanted == null ? "A replica of mine was voted for" : "Slots " + wanted.slots + " are nobody's")
                + ": asking for votes myself in epoch " + epoch + ".");
        List<Node> asked = state.nodes().stream().filter(node -> node.isVoter() && node.newest != null).toList();
        if (wanted == null) {
            messages.requestVotes(asked, 0, state.myself.slots(), () -> epoch == inEpoch);
        } else {
            messages.requestVotes(asked, state.myself.slots().plus(wanted.slots), wanted.epoch, () -> epoch == inEpoch);
        }
    }

    private boolean reachesMajority() {
        return state.nodes().stream().filter(node -> node.isVoter() && !node.isFailing()).count() >= state.quorum();
    }

    private void win() {
        Node me = state.myself;
        me.configEpoch = epoch;
        contests.decided(me, epoch);
        epoch = 0;
        wonWanted = wanted != null;
        state.notice("I stay the master of my slots: configEpoch set to " + me.configEpoch);
        state.changedDurably();
    }
}
