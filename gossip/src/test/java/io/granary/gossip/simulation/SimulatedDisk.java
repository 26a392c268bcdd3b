package io.granary.gossip.simulation;

import io.granary.gossip.Output;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * One node's nodes file on a disk that takes its time. What was not synced when the node dies is there or is not, by chance;
 * what was synced stays.
 */
final class SimulatedDisk {

    /** Told how a save ended; {@code failure} is null when it is on disk for good. */
    @FunctionalInterface
    interface Outcome {
        void of(long generation, String failure);
    }

    private record Save(long generation, String text, boolean synced, Outcome outcome) {}

    private final Timeline timeline;
    private final RandomGenerator random;
    private long latencyMsMax = 20;
    private boolean full;
    private String durable;
    /** What was written since and not synced; null for nothing. */
    private String written;
    private boolean owed;
    private Save writing;
    private Save waiting;
    private int powerCuts;

    SimulatedDisk(Timeline timeline, RandomGenerator random) {
        this.timeline = timeline;
        this.random = random;
    }

    /** The longest time that a save takes from now on. */
    void latency(long msMax) {
        latencyMsMax = msMax;
    }

    /** Whether saves fail from now on. */
    void full(boolean isFull) {
        full = isFull;
    }

    /** The file as a node finds it that starts; null when there is none. */
    byte[] content() {
        return durable == null ? null : durable.getBytes(StandardCharsets.UTF_8);
    }

    /** Replaces the file by chance of the operator. */
    void content(String text) {
        durable = text;
    }

    void save(Output.Save wanted, Outcome outcome) {
        boolean synced = wanted.synced() || waiting != null && waiting.synced();
        Save save = new Save(wanted.generation(), wanted.text(), synced, outcome);
        if (writing != null) {
            waiting = save;
        } else {
            begin(save);
        }
    }

    private void begin(Save save) {
        writing = save;
        int cuts = powerCuts;
        timeline.in(isSynced(save) ? 1 + random.nextLong(latencyMsMax) : 1, () -> {
            if (cuts == powerCuts) {
                end();
            }
        });
    }

    private boolean isSynced(Save save) {
        return save.synced() || owed;
    }

    private void end() {
        Save save = writing;
        writing = null;
        owed = full && isSynced(save);
        if (!full && isSynced(save)) {
            durable = save.text();
            written = null;
        } else if (!full) {
            written = save.text();
        }
        if (waiting != null) {
            Save next = waiting;
            waiting = null;
            begin(next);
        }
        save.outcome().of(save.generation(), full ? "No space left on device" : null);
    }

    /** The node dies: a save on its way may have come through, but nobody was told. */
    void powerCut() {
        powerCuts++;
        if (written != null && random.nextBoolean()) {
            durable = written;
        }
        written = null;
        owed = false;
        if (writing != null && !full && random.nextBoolean()) {
            durable = writing.text();
        }
        writing = null;
        waiting = null;
    }
}
