package io.granary.gossip;

import io.granary.gossip.NodesFile.OpenHandOver;
import io.granary.gossip.NodesFile.OpenHandOver.Stage;
import io.granary.gossip.wire.BusHeader;
import java.util.List;

/**
 * The slots that this primary has given out of its hands, one grant at a time.
 *
 * <p>Before it grants it asks a majority ({@link Assent}), with a current epoch that is two greater than the one in which
 * the target will claim: no replica of this node has been voted for, and whoever is elected from now on gets an epoch
 * greater than that of the claim, and greater than that in which this node takes the slots back if it must, which is the
 * one in between. So a replica of either side that was elected meanwhile always has the last word, and has all the data.
 */
final class Grants {

    private static final long PATIENCE_MS = 1000;

    private record Asking(long number, OperatorRequest.GrantSlots step, Assent assent, long untilMs) {}

    private final ClusterState state;
    private final Messages messages;
    private Asking asking;
    private OpenHandOver open;

    /** The save with the grant, and who waits for it; -1 when nobody does. */
    private long generation;

    private long waiting = -1;

    Grants(ClusterState state, Messages messages) {
        this.state = state;
        this.messages = messages;
    }

    void restore(OpenHandOver stored) {
        open = stored;
    }

    /** What is granted; null when nothing is. */
    OpenHandOver open() {
        return open;
    }

    boolean isOpen(String job) {
        return open != null && open.job().equals(job);
    }

    /** What others are told of: what is granted, or may be in a moment; null for nothing. */
    SlotGrant told() {
        NodeId me = state.myself.id;
        if (open != null) {
            return new SlotGrant(me, open.job(), open.other(), open.epoch(), open.slots());
        }
        return asking == null ? null : new SlotGrant(
                me, asking.step.job(), asking.step.target(), asking.step.epoch(), asking.step.slots());
    }

    /** Begins to grant; returns why not, or null. */
    String grant(long number, OperatorRequest.GrantSlots step) {
        Node target = state.node(step.target());
        if (asking != null || open != null) {
            return "another hand-over is open";
        }
        if (target == null || target == state.myself || !target.isPrimary()) {
            return "no such master to give slots to: " + step.target();
        }
        String refusal = refusal(step);
        if (refusal != null) {
            return refusal;
        }
        state.currentEpoch = Math.max(state.currentEpoch, step.epoch() + 2);
        state.changedSoft();
        asking = new Asking(
                number, step, new Assent(state, messages, step.epoch() + 2), state.nowMs + PATIENCE_MS);
        state.granting = told();
        ask();
        return null;
    }

    private String refusal(OperatorRequest.GrantSlots step) {
        Node me = state.myself;
        if (!me.isPrimary() || step.slots().isEmpty() || !me.slots().containsAll(step.slots())) {
            return "these slots are not mine";
        }
        if (state.behind || state.pausedOffset >= 0 || Contests.bars(me, me.configEpoch)) {
            return "this master may have been replaced";
        }
        return step.epoch() <= me.configEpoch ? "epoch " + step.epoch() + " is not greater than " + me.configEpoch : null;
    }

    private void ask() {
        asking.assent.ask(voters());
    }

    private List<Node> voters() {
        return state.nodes().stream().filter(Node::isVoter).toList();
    }

    void answered(Node node, BusHeader pong) {
        if (asking != null) {
            asking.assent.answered(node, pong);
        }
    }

    void tick() {
        if (asking != null && state.nowMs > asking.untilMs) {
            refuse("no majority of masters has answered");
        } else if (asking != null) {
            ask();
        }
    }

    private void refuse(String reason) {
        state.out.add(new Output.Answer(asking.number, null, "ERR " + reason));
        asking = null;
    }

    void step() {
        if (asking != null && asking.assent.isGivenByMajority(voters())) {
            String refusal = refusal(asking.step);
            if (refusal != null) {
                refuse(refusal);
            } else {
                OperatorRequest.GrantSlots step = asking.step;
                open = new OpenHandOver(Stage.GRANT, step.job(), step.slots(), step.target(), step.epoch());
                waiting = asking.number;
                generation = state.out.nextGeneration();
                asking = null;
                state.changedDurably();
            }
        }
        if (waiting >= 0 && state.out.isStored(generation)) {
            state.out.add(new Output.Answer(waiting, "OK", null));
            waiting = -1;
        }
        if (open != null && open.stage() == Stage.ENDED && !state.myself.slots().intersects(open.slots())) {
            close(true);
        } else if (open != null && open.stage() == Stage.GRANT && hasPassed()) {
            state.notice("The grant of slots " + open.slots() + " is over: they have a later owner");
            close(true);
        }
    }

    /**
     * Whether all the slots have an owner who was elected behind this grant, or has got them from such a one: the data is
     * there, and neither this node nor the target has anything to say any more. Not where that is the target's successor: it
     * may not be sure of them yet, and will say so. A slot that is shown as somebody's who does not claim it is nobody's.
     */
    private boolean hasPassed() {
        Node target = state.node(open.other());
        for (int slot = open.slots().next(0); slot >= 0; slot = open.slots().next(slot + 1)) {
            Node owner = state.owner(slot);
            boolean nobodys = owner == null || state.isAbandoned(slot);
            if (nobodys || owner == state.myself || owner.configEpoch < open.epoch() + 2
                    || target != null && owner.shard().equals(target.shard())) {
                return false;
            }
        }
        return true;
    }

    /** A grant that could not be stored was told to nobody. */
    void saveFailed() {
        if (waiting >= 0) {
            state.out.add(new Output.Answer(waiting, null, state.out.saveError()));
            waiting = -1;
            close(false);
        }
    }

    /** The target has the slots. */
    void end() {
        stage(Stage.ENDED);
    }

    void stage(Stage stage) {
        open = new OpenHandOver(stage, open.job(), open.slots(), open.other(), open.epoch());
        state.changedDurably();
    }

    /** Forgets the grant; {@code away} when the slots are another node's, so that their keys go. */
    void close(boolean away) {
        SlotBitmap slots = open.slots();
        open = null;
        state.kept = SlotBitmap.EMPTY;
        if (away) {
            state.dropKeys(slots);
        }
        state.changedDurably();
    }

    /** Gives up granting if it is this job that is not granted yet. */
    void cancel(String job) {
        if (asking != null && asking.step.job().equals(job)) {
            refuse("revoked");
        }
    }

    /** This node leads no more: its successor has the slots, or knows who has. */
    void clear() {
        if (asking != null) {
            refuse("this node is no master any more");
        }
        if (waiting >= 0) {
            state.out.add(new Output.Answer(waiting, null, "ERR this node is no master any more"));
            waiting = -1;
        }
        if (open != null) {
            close(false);
        }
    }
}
