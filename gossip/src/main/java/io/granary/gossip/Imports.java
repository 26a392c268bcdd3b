package io.granary.gossip;

import io.granary.gossip.NodesFile.OpenHandOver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The slots whose data comes to this primary, and the config epoch in which it will claim them: its own, once that is
 * greater than the source's.
 *
 * <p>A primary that needs a greater epoch takes it without a vote ({@link HigherEpoch}), as no vote is needed for slots that
 * it owns.
 */
final class Imports {

    private static final int LIMIT = 64;
    private static final long PATIENCE_MS = 5000;

    private static final class Import {
        private final SlotBitmap slots;
        private final NodeId source;
        private final boolean stale;
        private boolean refused;

        Import(SlotBitmap slots, NodeId source, boolean stale) {
            this.slots = slots;
            this.source = source;
            this.stale = stale;
        }
    }

    private record Question(long number, NodeId source, long untilMs) {}

    private final ClusterState state;
    private final HigherEpoch higher;
    private final Map<String, Import> imports = new LinkedHashMap<>();
    private final List<Question> questions = new ArrayList<>();

    Imports(ClusterState state, HigherEpoch higher) {
        this.state = state;
        this.higher = higher;
    }

    void restore(OpenHandOver open) {
        imports.put(open.job(), new Import(open.slots(), open.other(), true));
    }

    List<OpenHandOver> stored() {
        List<OpenHandOver> stored = new ArrayList<>();
        imports.forEach((job, each) ->
                stored.add(new OpenHandOver(OpenHandOver.Stage.IMPORT, job, each.slots, each.source, 0)));
        return stored;
    }

    List<HandOvers.Import> view() {
        List<HandOvers.Import> view = new ArrayList<>();
        imports.forEach((job, each) -> view.add(new HandOvers.Import(job, each.slots, each.source, each.stale)));
        return view;
    }

    /** Answers with the epoch, at once or when a majority allows a new one; returns why not, or null. */
    String prepare(long number, OperatorRequest.PrepareClaim step) {
        Node source = state.node(step.source());
        String refusal = refusal(step, source);
        if (refusal != null) {
            return refusal;
        }
        if (!imports.containsKey(step.job())) {
            imports.put(step.job(), new Import(step.slots(), step.source(), false));
            state.changedDurably();
        }
        if (state.myself.configEpoch > source.configEpoch) {
            answer(number);
        } else {
            questions.add(new Question(number, step.source(), state.nowMs + PATIENCE_MS));
            higher.want();
        }
        return null;
    }

    private String refusal(OperatorRequest.PrepareClaim step, Node source) {
        Node me = state.myself;
        if (!me.isPrimary() || state.behind) {
            return "only a master with all of its data takes slots";
        }
        if (source == null || source == me || !source.isPrimary() || step.slots().isEmpty()) {
            return "no such master to take slots from: " + step.source();
        }
        if (state.kept.intersects(step.slots())) {
            // given away by this node, which does not know yet that it may delete their keys
            return "the slots are between two owners";
        }
        Import known = imports.get(step.job());
        if (known != null && (known.stale || known.refused || !known.source.equals(step.source())
                || !known.slots.equals(step.slots()))) {
            return "another import has this name";
        }
        for (int slot = step.slots().next(0); slot >= 0; slot = step.slots().next(slot + 1)) {
            if (state.owner(slot) != source || state.importing.containsKey(slot)) {
                return "slot " + slot + " is not " + source + "'s to give";
            }
        }
        if (known == null && imports.size() == LIMIT) {
            return "too many imports";
        }
        return known == null && imports.values().stream().anyMatch(each -> each.slots.intersects(step.slots()))
                ? "slots are being imported already" : null;
    }

    private void answer(long number) {
        state.out.afterSave(new Output.Answer(number, Long.toString(state.myself.configEpoch), null));
    }

    void tick() {
        questions.removeIf(question -> {
            boolean late = state.nowMs > question.untilMs;
            if (late) {
                state.out.add(new Output.Answer(question.number, null, "ERR no majority of masters has answered"));
            }
            return late;
        });
        if (!questions.isEmpty()) {
            higher.want();
        }
    }

    /** To be called after every input: answers those who have waited for a greater epoch. */
    void step() {
        questions.removeIf(question -> {
            Node source = state.node(question.source);
            boolean greater = source == null || state.myself.configEpoch > source.configEpoch;
            if (greater) {
                answer(question.number);
            }
            return greater;
        });
    }

    boolean knows(String job) {
        return imports.containsKey(job);
    }

    /** Why the slots are not to be claimed for this job, ever; null when they are. Refusing once is refusing for good. */
    String refusalToClaim(OperatorRequest.ClaimSlots step) {
        Import known = imports.get(step.job());
        Node me = state.myself;
        boolean given = known != null && !known.stale && !known.refused
                && known.slots.equals(step.slots()) && known.source.equals(step.source());
        if (!given) {
            if (known != null) {
                known.refused = true;
            }
            return "this import is not known here";
        }
        boolean held = me.configEpoch == step.epoch() && state.storedConfigEpoch == step.epoch() && !state.behind
                && !Contests.bars(me, me.configEpoch);
        known.refused = !held;
        return held ? null : "the epoch is " + me.configEpoch + " now";
    }

    void forget(String job) {
        if (imports.remove(job) != null) {
            state.changedDurably();
        }
    }

    /** This node leads no more: its primary decides. */
    void clear() {
        questions.forEach(question ->
                state.out.add(new Output.Answer(question.number, null, "ERR this node is no master any more")));
        questions.clear();
        if (!imports.isEmpty()) {
            imports.clear();
            state.changedDurably();
        }
    }
}
