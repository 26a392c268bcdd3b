package io.granary.tools.move;

import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.StopSign;
import io.granary.tools.cluster.Survey;
import io.granary.tools.cluster.Together;
import io.granary.tools.plan.SlotCosts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The classic way, which every kind of node knows: slots are opened at both ends, their keys sent by MIGRATE, and the slots
 * given to the target.
 *
 * <p>Several lanes take slots from one queue, a handful at a time, and say of all slots of a handful at once what has to be
 * said, so that the way there and back is paid once for many slots. A node of ours has each of these words on disk, and at
 * its replicas, before it takes the next of the same lane: so it gets fewer at once in more lanes.
 */
final class KeyByKey implements Way {

    private static final int LANES = 4;
    private static final int LANES_OF_OURS = 8;
    private static final int SLOTS_AT_ONCE = 64;
    private static final int SLOTS_AT_ONCE_OF_OURS = 16;

    private final Access access;
    private final MoveStyle style;
    private final Survey survey;
    private final SlotCosts keys;
    private final Progress progress;
    private final StopSign stop;

    /** @param keys how many each slot has, for the progress */
    KeyByKey(Access access, MoveStyle style, Survey survey, SlotCosts keys, Progress progress, StopSign stop) {
        this.access = access.waiting(Math.max(access.timeoutMs(), 2 * style.timeoutMs()));
        this.style = style;
        this.survey = survey;
        this.keys = keys;
        this.progress = progress;
        this.stop = stop;
    }

    @Override
    public void move(NodeReport source, NodeReport target, SlotSet slots) throws IOException {
        boolean ours = source.isGranary() || target.isGranary();
        Queue<List<Integer>> handfuls = handfuls(slots, ours ? SLOTS_AT_ONCE_OF_OURS : SLOTS_AT_ONCE);
        int lanes = Math.min(ours ? LANES_OF_OURS : LANES, handfuls.size());
        List<Together.Task> tasks = new ArrayList<>();
        for (int i = 0; i < lanes; i++) {
            tasks.add(() -> runLane(source, target, handfuls));
        }
        Together.run(tasks, stop);
    }

    private static Queue<List<Integer>> handfuls(SlotSet slots, int size) {
        List<Integer> all = new ArrayList<>();
        slots.forEach(all::add);
        Queue<List<Integer>> handfuls = new ConcurrentLinkedQueue<>();
        for (int from = 0; from < all.size(); from += size) {
            handfuls.add(all.subList(from, Math.min(all.size(), from + size)));
        }
        return handfuls;
    }

    private void runLane(NodeReport source, NodeReport target, Queue<List<Integer>> handfuls) throws IOException {
        try (Lane lane = new Lane(access, style, source, target, survey)) {
            for (List<Integer> some = handfuls.poll(); some != null && !stop.isSet(); some = handfuls.poll()) {
                lane.move(some);
                progress.moved(some.size(), some.stream().mapToLong(keys::of).sum());
            }
        }
    }
}
