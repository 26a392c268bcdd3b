package io.granary.gossip;

import io.granary.gossip.NodesFile.OpenHandOver;
import io.granary.gossip.NodesFile.OpenHandOver.Stage;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether slots that were granted may be taken back, once the target has said no; and the election that it takes first,
 * where this node was elected behind the grant.
 *
 * <p>The source itself claims the slots in the epoch E + 1, which is kept free for it: whoever is elected in the place of
 * the target has a greater one. Its successor has a greater epoch X already. Would it just claim the slots in X, it could
 * take them from a successor of the target that was elected before it, and has written to them. So it asks for votes, for its
 * own slots and these, and a voter that knows of anybody who has got one of them in an epoch behind E refuses. If somebody
 * was elected with them whom no voter has heard yet, some voter has voted for that one, and says with its vote that the
 * target's shard is contested; then the votes do not count before that is settled. Voters of another kind give none, so
 * where they are most, the slots wait for an operator.
 */
final class TakingBack {

    private static final int WAITING_LIMIT = 64;

    private final ClusterState state;
    private final Grants grants;
    private final Reelection reelection;

    /** Who waits for the election. */
    private final List<Long> questions = new ArrayList<>();

    TakingBack(ClusterState state, Grants grants, Reelection reelection) {
        this.state = state;
        this.grants = grants;
        this.reelection = reelection;
    }

    /** Why not, or null: somebody owns the slots in a later epoch, or may have been elected in the place of this node. */
    String refusal() {
        OpenHandOver open = grants.open();
        if (open == null || open.stage() != Stage.GRANT) {
            return open == null ? "the grant is over" : "the target has claimed the slots";
        }
        if (state.behind || Contests.bars(state.myself, state.myself.configEpoch)) {
            return "this master may have been replaced";
        }
        for (int slot = open.slots().next(0); slot >= 0; slot = open.slots().next(slot + 1)) {
            Node owner = state.owner(slot);
            if (owner != null && owner != state.myself && !state.isAbandoned(slot) && owner.configEpoch > open.epoch()) {
                return "slot " + slot + " is " + owner + "'s";
            }
        }
        return null;
    }

    private boolean electedBehindGrant() {
        return state.myself.configEpoch > grants.open().epoch() + 1;
    }

    private boolean hasSlots() {
        return state.myself.slots().containsAll(grants.open().slots());
    }

    boolean mustBeElected() {
        return electedBehindGrant() && !hasSlots();
    }

    /** Begins the election, or waits for it; returns why not, or null. */
    String beElected(long number, Node target) {
        if (questions.size() == WAITING_LIMIT) {
            return "too many wait for the end of this hand-over";
        }
        questions.add(number);
        if (!reelection.wants()) {
            reelection.want(grants.open().slots(), grants.open().epoch() + 1, target);
        }
        return null;
    }

    /** Whether an election is being held. */
    boolean isOpen() {
        return reelection.wants();
    }

    /** To be asked after every input: whether the slots are to be taken back now that this node has won them. */
    boolean isDue() {
        if (!reelection.wants()) {
            return grants.open() != null && electedBehindGrant() && hasSlots() && refusal() == null;
        }
        String refusal = refusal();
        if (refusal != null) {
            fail(refusal);
        }
        return refusal == null && reelection.hasWonWanted();
    }

    /** The election was won; who has waited for it. */
    List<Long> end() {
        reelection.wantNoMore();
        List<Long> waiting = List.copyOf(questions);
        questions.clear();
        return waiting;
    }

    /** Ends the election in vain. */
    void fail(String reason) {
        end().forEach(number -> state.out.add(new Output.Answer(number, null, "ERR " + reason)));
    }
}
