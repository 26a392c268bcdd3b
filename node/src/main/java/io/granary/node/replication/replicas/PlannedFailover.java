package io.granary.node.replication.replicas;

import io.granary.node.Clock;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.NodeCondition.PausePurpose;
import io.granary.node.dispatch.PauseBarrier;
import io.granary.node.log.NodeLog;
import io.granary.node.replication.Replication;
import java.util.concurrent.TimeUnit;

/**
 * FAILOVER: a primary hands over to one of its replicas without losing a write.
 *
 * <ol>
 * <li>Clients that would write wait; when the last write before that has ended, nothing moves the offset any more.
 * <li>A replica says that it has everything up to that offset.
 * <li>This node becomes its replica, and asks it with PSYNC ... FAILOVER to lead first.
 * <li>It accepts: clients go on, and are told that this node is a replica.
 * </ol>
 * Where that goes wrong, this node leads on. Source: failoverCommand and updateFailoverStatus in replication.c of Redis 7.4.
 */
public final class PlannedFailover {

    private static final long LOOK_MS = 5;

    private final Replicas replicas;
    private final Replication replication;
    private final NodeCondition condition;
    private final PauseBarrier barrier;
    private final Clock clock;
    private final NodeLog log;

    private volatile Stage stage = Stage.NONE;
    private Target target;
    private boolean force;
    private long endNanos;
    private boolean ends;
    /** Tells the attempts apart. */
    private long attempt;

    /** How far a failover has come. */
    public enum Stage {
        /** None is under way. */
        NONE("no-failover"),
        /** A replica has to catch up. */
        WAITING("waiting-for-sync"),
        /** A replica was asked to lead. */
        IN_PROGRESS("failover-in-progress");

        private final String text;

        Stage(String text) {
            this.text = text;
        }

        /** As INFO names it. */
        public String text() {
            return text;
        }
    }

    /** A replica as it is named by whoever asks: the port may be none. */
    record Target(String host, long port) {}

    public PlannedFailover(
            Replicas replicas, Replication replication, NodeCondition condition, PauseBarrier barrier, Clock clock,
            NodeLog log) {
        this.replicas = replicas;
        this.replication = replication;
        this.condition = condition;
        this.barrier = barrier;
        this.clock = clock;
        this.log = log;
    }

    public Stage stage() {
        return stage;
    }

    /**
     * Begins; false if one is under way.
     *
     * @param wanted the replica to hand over to, or null for whichever is first to have everything
     * @param timeoutMs after which it is given up, or the wanted replica takes over as it is if {@code force}; 0 for never
     */
    synchronized boolean begin(Target wanted, boolean force, long timeoutMs) {
        if (stage != Stage.NONE) {
            return false;
        }
        log.notice("FAILOVER requested to " + (wanted == null ? "any replica." : wanted.host() + ":" + wanted.port() + "."));
        target = wanted;
        this.force = force;
        ends = timeoutMs > 0;
        endNanos = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        stage = Stage.WAITING;
        long begun = ++attempt;
        condition.pause(PausePurpose.FAILOVER, false, Long.MAX_VALUE);
        replication.after(0, () -> settle(begun));
        return true;
    }

    /** Waits for the last write, and asks the replicas how far they are. */
    private void settle(long begun) {
        barrier.await();
        synchronized (this) {
            if (stage == Stage.WAITING && attempt == begun) {
                replicas.acknowledgements().ask();
                replicas.holdPings(true);
            }
        }
        look(begun);
    }

    /** Looks whether a replica has everything, again and again. */
    private void look(long begun) {
        Target ready;
        synchronized (this) {
            if (stage != Stage.WAITING || attempt != begun) {
                return;
            }
            boolean late = ends && clock.nanos() - endNanos >= 0;
            ready = late && force ? target : complete();
            if (ready == null && late) {
                abort("Replica never caught up before timeout");
                return;
            }
            if (ready == null) {
                replication.after(LOOK_MS, () -> look(begun));
                return;
            }
            log.notice("Failover target " + ready.host() + ":" + ready.port()
                    + (late ? " time out exceeded, failing over." : " is synced, failing over."));
            target = ready;
            stage = Stage.IN_PROGRESS;
        }
        replication.handOver(ready.host(), (int) ready.port(), new Outcome(begun));
    }

    /** A replica that has everything and may be handed over to, or null. */
    private Target complete() {
        long offset = replicas.history().offset();
        for (ReplicaLink link : replicas.links()) {
            Target each = new Target(link.address(), link.port());
            boolean wanted = target == null || target.host().equalsIgnoreCase(each.host()) && target.port() == each.port();
            if (wanted && link.isOnline() && link.ackedOffset() >= offset) {
                return each;
            }
        }
        return null;
    }

    /** What becomes of one attempt. */
    private final class Outcome implements Replication.TakeOver {

        private final long mine;

        Outcome(long mine) {
            this.mine = mine;
        }

        @Override
        public void done() {
            synchronized (PlannedFailover.this) {
                if (attempt == mine) {
                    clear();
                }
            }
        }

        @Override
        public void rejected() {
            synchronized (PlannedFailover.this) {
                if (attempt == mine) {
                    abort("Failover target rejected psync request");
                }
            }
        }
    }

    /** Gives up and leads on; false if none is under way. */
    synchronized boolean abort(String reason) {
        if (stage == Stage.NONE) {
            return false;
        }
        log.notice("FAILOVER to " + (target == null ? "any replica" : target.host() + ":" + target.port()) + " aborted: "
                + reason);
        boolean leads = stage == Stage.WAITING;
        if (leads) {
            clear();
        } else {
            long aborted = attempt;
            replication.after(0, () -> {
                replication.lead();
                synchronized (this) {
                    if (attempt == aborted) {
                        clear();
                    }
                }
            });
        }
        return true;
    }

    private void clear() {
        stage = Stage.NONE;
        target = null;
        attempt++;
        replicas.holdPings(false);
        condition.resume(PausePurpose.FAILOVER);
    }
}
