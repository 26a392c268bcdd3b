package io.granary.node;

import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.NodeCondition.PausePurpose;
import io.granary.node.dispatch.PauseBarrier;
import io.granary.node.log.NodeLog;
import io.granary.node.process.Shutdown;
import io.granary.node.replication.replicas.Replicas;
import io.granary.node.snapshot.Persistence;
import io.granary.node.snapshot.Saves;
import io.granary.node.snapshot.Snapshots;
import java.util.concurrent.TimeUnit;

/**
 * How a node gets ready to end: writes wait from now on, so that none is acknowledged that is neither saved nor with a
 * replica; replicas catch up; the data is saved. When that fails the writes go on as if nothing had happened.
 */
final class Ending {

    private final NodeCondition condition;
    private final PauseBarrier barrier;
    private final Snapshots snapshots;
    private final Saves saves;
    private final Shutdown shutdown;
    private final Clock clock;
    private final NodeLog log;
    private final LongSetting patienceSeconds;
    private final Replicas replicas;
    /** By the clock's nanoseconds; read only while {@link #waits}. */
    private long deadlineNanos;
    private volatile boolean waits;

    Ending(
            NodeCondition condition, PauseBarrier barrier, Persistence persistence, Shutdown shutdown, Clock clock,
            NodeLog log, Configuration configuration, Replicas replicas) {
        this.condition = condition;
        this.barrier = barrier;
        snapshots = persistence.snapshots();
        saves = persistence.saves();
        this.shutdown = shutdown;
        this.clock = clock;
        this.log = log;
        patienceSeconds = configuration.number("shutdown-timeout");
        this.replicas = replicas;
    }

    /** Returns false if the node has to go on. */
    boolean prepare(Shutdown.Wish wish) {
        condition.pause(PausePurpose.SHUTDOWN, false, Long.MAX_VALUE);
        barrier.await();
        if (awaitReplicas(wish) && save(wish)) {
            return true;
        }
        condition.resume(PausePurpose.SHUTDOWN);
        return false;
    }

    /** Returns false if somebody has taken the shutdown back meanwhile. */
    private boolean awaitReplicas(Shutdown.Wish wish) {
        long patienceNanos = TimeUnit.SECONDS.toNanos(patienceSeconds.value());
        if (!wish.hurried() && patienceNanos > 0 && !replicas.acknowledgements().even()) {
            log.notice(patienceSeconds.value() + " seconds are given to replicas that lag behind, before shutting down");
            replicas.acknowledgements().ask();
            deadlineNanos = clock.nanos() + patienceNanos;
            waits = true;
            boolean goesOn = shutdown.holdUp(() -> replicas.acknowledgements().even() || clock.nanos() - deadlineNanos >= 0);
            waits = false;
            if (!goesOn) {
                log.warning("Shutdown manually aborted.");
                return false;
            }
        }
        replicas.logHowFar();
        return true;
    }

    /** For how many milliseconds replicas are still waited for; negative while nobody is. */
    long waitsForMs() {
        return waits ? Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - clock.nanos())) : -1;
    }

    private boolean save(Shutdown.Wish wish) {
        boolean wanted = switch (wish.saving()) {
            case ALWAYS -> true;
            case NEVER -> false;
            case BY_SAVE_POINTS -> saves.savesAtTheEnd();
        };
        if (snapshots.running()) {
            log.warning("A snapshot is under way. It is given up!");
        }
        snapshots.bar();
        if (!wanted || condition.loading() || condition.emptied()) {
            return true;
        }
        log.notice("Saving the final RDB snapshot before exiting.");
        if (saves.saveAtTheEnd()) {
            return true;
        }
        log.warning("Error trying to save the DB" + (wish.forced() ? ". Exit anyway." : ", can't exit."));
        if (!wish.forced()) {
            snapshots.unbar();
        }
        return wish.forced();
    }
}
