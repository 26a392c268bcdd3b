package io.granary.gossip;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What the machine wants done, in order, and what waits for a save. A vote that is sent before it is on disk can be given
 * a second time after a crash, and an operator who was told OK counts on it; so both are held here until the driver says
 * that the save which they stand on is stored. Heartbeats never wait.
 */
final class Outbox {

    /** How long after a save that failed the next one is tried. */
    private static final long RETRY_MS = 1000;

    /** How long what is only written may wait for a save that is safe from a power cut. */
    private static final long WRITTEN_MS = 1000;

    private record Waiting(Output output, BooleanSupplier wanted) {}

    private record Held(long generation, List<Waiting> outputs) {}

    private List<Output> outputs = new ArrayList<>();
    private List<Waiting> afterSave = new ArrayList<>();
    private final Deque<Held> held = new ArrayDeque<>();
    private long generation;
    private long savedGeneration;
    private boolean saveNow;
    private boolean writeNow;
    private boolean saveSoon;

    /** Whether something was written since the last save that was to be synced. */
    private boolean written;

    private long tickMs;
    private long syncedMs;
    private String failure;
    private long retryMs;

    void add(Output output) {
        outputs.add(output);
    }

    void log(Output.Level level, String text) {
        outputs.add(new Output.Log(level, text));
    }

    /** To be done once everything that has changed so far is stored, each change as safely as it was asked for. */
    void afterSave(Output output) {
        afterSave.add(new Waiting(output, () -> true));
    }

    /** As {@link #afterSave(Output)}, unless nobody wants it any more by then. */
    void afterSave(Output output, BooleanSupplier wanted) {
        afterSave.add(new Waiting(output, wanted));
    }

    /** Something changed that must not be forgotten: an epoch, a vote, the owner of a slot. */
    void save() {
        saveNow = true;
    }

    /** Something changed that must not be forgotten by a process that dies; safe from a power cut within a second. */
    void write() {
        writeNow = true;
        written = true;
    }

    /** Something changed that is worth keeping but would be learned again: an address, a flag. Saved with the next tick. */
    void saveSoon() {
        saveSoon = true;
    }

    /** Saves at once what would be saved soon. */
    void saveAll() {
        saveNow |= saveSoon || written;
    }

    /** The save that will hold what changes with this input. */
    long nextGeneration() {
        return generation + 1;
    }

    boolean isStored(long one) {
        return savedGeneration >= one;
    }

    /** The number of the last save. */
    long generation() {
        return generation;
    }

    /** Why the last save failed, null when it did not: then nothing may be promised. */
    String failure() {
        return failure;
    }

    void tick(long nowMs) {
        tickMs = nowMs;
        saveNow |= saveSoon || written && nowMs - syncedMs >= WRITTEN_MS || failure != null && nowMs >= retryMs;
        retryMs = saveNow ? nowMs + RETRY_MS : retryMs;
    }

    void saved(long stored) {
        savedGeneration = Math.max(savedGeneration, stored);
        failure = null;
        while (!held.isEmpty() && held.peek().generation <= savedGeneration) {
            release(held.remove().outputs);
        }
    }

    private void release(List<Waiting> waited) {
        for (Waiting waiting : waited) {
            if (waiting.wanted.getAsBoolean()) {
                outputs.add(waiting.output);
            }
        }
    }

    void saveFailed(long failed, String reason, long nowMs) {
        if (failure == null) {
            log(Output.Level.WARNING, "Can't store the nodes file: " + reason
                    + ". Until it can be stored this node gives no votes and takes no changes of the cluster.");
        }
        failure = reason;
        retryMs = nowMs + RETRY_MS;
        while (!held.isEmpty() && held.peek().generation <= failed) {
            for (Waiting waiting : held.remove().outputs) {
                if (waiting.output instanceof Output.Answer answer) {
                    outputs.add(new Output.Answer(answer.number(), null, saveError()));
                }
            }
        }
    }

    String saveError() {
        return "ERR error saving the cluster node config: " + failure;
    }

    /** All that has come together, with a save among it if one is due. */
    List<Output> drain(Supplier<String> nodesFile) {
        if (saveNow || writeNow) {
            generation++;
            outputs.add(new Output.Save(generation, nodesFile.get(), saveNow));
            saveSoon &= !saveNow;
            written &= !saveNow;
            syncedMs = saveNow ? tickMs : syncedMs;
            saveNow = false;
            writeNow = false;
        }
        if (!afterSave.isEmpty()) {
            if (generation > savedGeneration && failure == null) {
                held.add(new Held(generation, afterSave));
            } else {
                release(afterSave);
            }
            afterSave = new ArrayList<>();
        }
        List<Output> drained = outputs;
        outputs = new ArrayList<>();
        return drained;
    }
}
