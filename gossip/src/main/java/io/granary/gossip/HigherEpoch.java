package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.List;

/**
 * A greater config epoch that this primary takes for itself, without an election, as it owns what it claims already.
 *
 * <p>One that has been replaced and does not know it must not: its old claims would beat its successor's, or share an epoch
 * with them. So it asks a majority first ({@link Assent}): nobody has been voted for in its place, and whoever is from now
 * on gets an epoch greater still. Where there are replicas, the current epoch is raised by one more than is taken, so that
 * none of them takes the same.
 */
final class HigherEpoch {

    private final ClusterState state;
    private final Messages messages;
    private Assent assent;
    private long reserved;

    /** Whether somebody may have been elected in this node's place since the epoch was reserved: perhaps in that one. */
    private boolean contested;

    HigherEpoch(ClusterState state, Messages messages) {
        this.state = state;
        this.messages = messages;
    }

    /** Begins to ask, or goes on. */
    void want() {
        if (assent == null) {
            reserved = Math.max(state.currentEpoch, state.greatestConfigEpoch()) + 1;
            boolean rivals = state.nodes().stream().anyMatch(node -> node.primary == state.myself);
            state.currentEpoch = rivals ? reserved + 1 : reserved;
            state.changedDurably();
            contested = false;
            assent = new Assent(state, messages, state.currentEpoch);
        }
        assent.ask(voters());
    }

    /** Nobody wants it any more. */
    void forget() {
        assent = null;
    }

    void answered(Node node, BusHeader pong) {
        if (assent != null) {
            assent.answered(node, pong);
        }
    }

    void tick() {
        if (assent != null) {
            assent.ask(voters());
        }
    }

    /** To be called after every input: takes it when a majority agrees, unless the epoch must not change now. */
    void step() {
        Node me = state.myself;
        boolean barred = Contests.bars(me, me.configEpoch);
        contested |= barred;
        if (assent == null || state.epochBound || state.behind || barred) {
            return;
        }
        List<Node> voters = voters();
        if (!voters.isEmpty() && !assent.isGivenByMajority(voters)) {
            return;
        }
        if (contested) {
            forget();
            want();
            return;
        }
        assent = null;
        if (me.configEpoch < reserved) {
            me.configEpoch = reserved;
            state.verbose("configEpoch set to " + reserved + ", as a majority agrees");
            state.changedDurably();
        }
    }

    private List<Node> voters() {
        return state.nodes().stream().filter(Node::isVoter).toList();
    }
}
