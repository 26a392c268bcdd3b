package io.granary.node.snapshot;

import io.granary.node.Clock;
import io.granary.node.config.BooleanSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.SavePoints;
import io.granary.node.config.SavePoints.SavePoint;
import io.granary.node.config.TextSetting;
import io.granary.node.log.NodeLog;
import io.granary.persistence.disk.Disk;
import io.granary.persistence.disk.DiskReason;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The snapshots that go to the node's file: when somebody asks, when a save point is reached, and before the node ends.
 *
 * <p>A save does not stop the node, not even SAVE: only its client waits. What counts as saved is what the cut shows, so
 * the changes that come while the file is written belong to the next save.
 */
public final class Saves {

    /** After a save that failed, save points wait so long: as Redis. */
    private static final long RETRY_MS = 5_000;

    private final Snapshots snapshots;
    private final Disk disk;
    private final EndMark mark;
    private final Clock clock;
    private final NodeLog log;
    private final Configuration configuration;
    private final LongSupplier changes;
    private final Supplier<ReplicationPoint> position;
    private final TextSetting points;
    private final BooleanSetting steady;
    private final BooleanSetting stopsWrites;
    private final AtomicReference<SaveState> state;
    private Consumer<Boolean> refusal = _ -> { };
    private boolean scheduled;
    /** What saves in the background, or null. */
    private volatile RdbStream background;
    private long lastTryMs;
    private long changesAtTheCut;
    private ReplicationPoint pointAtTheCut;

    /**
     * @param changes how many changes there were since the start
     * @param position where the replication log stands, asked at the cut with all slots locked; null where there is none
     */
    public Saves(
            Snapshots snapshots, Disk disk, EndMark mark, Clock clock, NodeLog log, Configuration configuration,
            LongSupplier changes,
            Supplier<ReplicationPoint> position) {
        this.snapshots = snapshots;
        this.disk = disk;
        this.mark = mark;
        this.clock = clock;
        this.log = log;
        this.configuration = configuration;
        this.changes = changes;
        this.position = position;
        points = configuration.text("save");
        steady = configuration.flag("rdb-save-incremental-fsync");
        stopsWrites = configuration.flag("stop-writes-on-bgsave-error");
        state = new AtomicReference<>(SaveState.atStart(clock.unixMs()));
        points.onChange(this::refuseOrAllow);
        stopsWrites.onChange(this::refuseOrAllow);
    }

    /** What is known of the saves so far. */
    public SaveState state() {
        return state.get();
    }

    /** Has somebody told whether clients' writes are to be refused, since the data cannot be saved. */
    public void onRefusal(Consumer<Boolean> listener) {
        refusal = listener;
    }

    private void refuseOrAllow() {
        refusal.accept(stopsWrites.value() && hasPoints() && state().failing());
    }

    private boolean hasPoints() {
        return !points.isEmpty();
    }

    /** Changes since the data was saved last. */
    public long unsavedChanges() {
        return Math.max(0, changes.getAsLong() - state().savedChanges());
    }

    // ---- by request ----

    /** Whether a snapshot is under way, be it for replicas. */
    public boolean underWay() {
        return snapshots.running();
    }

    /** Begins to save on a thread of its own (BGSAVE); returns false while another snapshot is under way. */
    public synchronized boolean begin() {
        long startedMs = clock.unixMs();
        Optional<RdbStream> begun = stream(failure -> ended(failure, startedMs));
        if (begun.isEmpty()) {
            return false;
        }
        background = begun.get();
        lastTryMs = startedMs;
        log.notice("Background saving started by pid " + ProcessHandle.current().pid());
        return true;
    }

    private void ended(Throwable failure, long startedMs) {
        synchronized (this) {
            background = null;
        }
        long seconds = (clock.unixMs() - startedMs) / 1000;
        if (failure == null) {
            log.notice("Background saving terminated with success");
            state.updateAndGet(before -> before.saved(clock.unixMs(), changesAtTheCut).lasted(seconds));
        } else {
            boolean givenUp = failure instanceof InterruptedException;
            log.warning(givenUp ? "Background saving was given up" : "Background saving error");
            state.updateAndGet(before -> (givenUp ? before : before.failed()).lasted(seconds));
        }
        refuseOrAllow();
    }

    /** As {@link #begin()}, and tells in the end, on another thread, whether it succeeded (SAVE). */
    public synchronized boolean begin(Outcome outcome) {
        return stream(failure -> {
            if (failure == null) {
                state.updateAndGet(before -> before.saved(clock.unixMs(), changesAtTheCut));
                refuseOrAllow();
            }
            outcome.ended(failure == null);
        }).isPresent();
    }

    /** Whether a save has succeeded. */
    @FunctionalInterface
    public interface Outcome {
        void ended(boolean saved);
    }

    private Optional<RdbStream> stream(Consumer<Throwable> outcome) {
        Optional<RdbStream> begun = snapshots.stream(RdbForm.FILE, this::cut, file(outcome));
        begun.ifPresent(_ -> state.updateAndGet(SaveState::begun));
        // whoever is told that it has begun knows that what comes then is not in it
        begun.ifPresent(RdbStream::awaitCut);
        return begun;
    }

    private ReplicationPoint cut() {
        changesAtTheCut = changes.getAsLong();
        pointAtTheCut = position.get();
        return pointAtTheCut;
    }

    private RdbFile file(Consumer<Throwable> outcome) {
        return new RdbFile(disk, target(), steady.value(), log, outcome);
    }

    /** Where the file lies. */
    public Path target() {
        return configuration.path("dbfilename");
    }

    /**
     * When all keys are gone, what is being saved of them is given up, and with it the memory that they still take. Where
     * there are save points the emptiness is saved at once, not when the next one is reached: the file must not bring the
     * keys back.
     */
    void flushed(int database) {
        RdbStream saving = background;
        if (saving != null && database < 0) {
            saving.abort();
        }
        if (database < 0 && hasPoints()) {
            schedule();
        }
    }

    /** Has a save begin as soon as no snapshot is under way. */
    public synchronized void schedule() {
        scheduled = true;
    }

    // ---- by itself ----

    /** Begins to save if that is due; called now and then. */
    public synchronized void tick() {
        if (snapshots.busy()) {
            return;
        }
        if (scheduled) {
            scheduled = !begin();
            return;
        }
        long nowMs = clock.unixMs();
        SaveState now = state();
        if (now.failing() && nowMs - lastTryMs <= RETRY_MS) {
            return;
        }
        long unsaved = unsavedChanges();
        for (SavePoint point : points()) {
            if (unsaved >= point.changes() && nowMs - now.savedMs() > point.seconds() * 1000) {
                log.notice(point.changes() + " changes in " + point.seconds() + " seconds. Saving...");
                begin();
                return;
            }
        }
    }

    private List<SavePoint> points() {
        return SavePoints.of(points.value());
    }

    /** Saves on this thread, which may hold locks of slots; returns whether it succeeded. No other snapshot is under way. */
    public boolean saveHere() {
        boolean[] saved = new boolean[1];
        RdbFile file = file(failure -> saved[0] = failure == null);
        if (!snapshots.streamHere(RdbForm.FILE, this::cut, file)) {
            return false;
        }
        if (saved[0]) {
            state.updateAndGet(before -> before.begun().saved(clock.unixMs(), changesAtTheCut));
            refuseOrAllow();
        }
        return saved[0];
    }

    /**
     * Saves before the node ends, as {@link #saveHere}, and marks the file as all that the node has: nothing is acknowledged
     * any more.
     */
    public boolean saveAtTheEnd() {
        if (!saveHere()) {
            return false;
        }
        try {
            if (pointAtTheCut != null && configuration.flag("cluster-enabled").value()) {
                mark.set(disk.size(target()), pointAtTheCut);
            }
        } catch (IOException failure) {
            log.warning("The RDB file could not be marked as complete, and will be compared with what replicas have: "
                    + DiskReason.of(failure));
        }
        return true;
    }

    /** Whether the node saves before it ends unless it is told not to. */
    public boolean savesAtTheEnd() {
        return hasPoints();
    }

    /** Counts from 0 again (CONFIG RESETSTAT). */
    public void resetCount() {
        state.updateAndGet(SaveState::uncounted);
    }
}
