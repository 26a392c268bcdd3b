package io.granary.node.replication;

import io.granary.node.Clock;
import io.granary.node.client.PrimaryConnector;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.snapshot.Loading;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import io.granary.slots.keyspace.Keyspace;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * A node's part in replication: it leads, or it follows another node.
 *
 * <p>Role, history and the link that counts change only while the locks of all slots are held. So with any lock held it is
 * certain whose changes the data take: those of clients, or those of one primary. Locks of slots are taken before this
 * object's monitor, never after it.
 */
public final class Replication implements AutoCloseable {

    /** How long the end of links is waited for when the node stops. */
    private static final long CLOSE_SECONDS = 30;

    private final Dataset dataset;
    private final Keyspace keyspace;
    private final NodeCondition condition;
    private final PrimaryConnector connector;
    private final SnapshotIntake intake;
    private final Clock clock;
    private final NodeLog log;
    private final PrimarySettings settings;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("replication").factory());
    private final List<Runnable> onRoleChange = new CopyOnWriteArrayList<>();
    private final LongAdder streamErrors = new LongAdder();

    private volatile ReplicationState state = ReplicationState.LEADING;
    private volatile Following following;
    /** Complete when no link to an earlier primary is left. */
    private CompletableFuture<Void> before = CompletableFuture.completedFuture(null);
    private boolean started;
    private boolean closed;
    private volatile TakeOver takeOver;
    private volatile boolean everUp;
    /** When the last link went down. */
    private volatile long downSinceNanos;

    /** Whom the outcome of handing over to a replica is told. */
    public interface TakeOver {

        /** The replica leads, and this node follows it. */
        void done();

        /** The replica would not; this node follows it all the same until somebody decides otherwise. */
        void rejected();
    }

    /** @param ids random names for histories, 40 hexadecimal digits each */
    public Replication(
            ReplicationLog history, Keyspace keyspace, NodeCondition condition,
            PrimaryConnector connector, Loading loading, Supplier<String> ids, Clock clock, NodeLog log,
            Configuration configuration) {
        this.keyspace = keyspace;
        this.condition = condition;
        this.connector = connector;
        this.clock = clock;
        this.log = log;
        dataset = new Dataset(keyspace, history, condition, ids, clock, log);
        settings = new PrimarySettings(configuration);
        intake = new SnapshotIntake(keyspace, condition, loading, connector, settings, log);
        settings.onChange(this::refresh);
    }

    // ---- what everybody may ask ----

    /** Who leads, and how the link to it stands. */
    public ReplicationState state() {
        return state;
    }

    public boolean isReplica() {
        return state.isReplica();
    }

    /** The data as a whole, and the history that they are of. */
    public Dataset dataset() {
        return dataset;
    }

    /** The node's one history. */
    public ReplicationLog history() {
        return dataset.history();
    }

    /** The offset of the last byte of the history that this node has: applied as a replica, written as a primary. */
    public long offset() {
        return dataset.history().offset();
    }

    /** Whether this node holds the data of a sync that was completed once, or is a primary. */
    public boolean synced() {
        return dataset.synced() || !isReplica();
    }

    /**
     * How long the primary has not been heard, in milliseconds: 0 on a primary, {@link Long#MAX_VALUE} on a replica that
     * never had a link since it became one. The age of the data, for elections.
     */
    public long linkDownMs() {
        Following current = following;
        if (current == null) {
            return 0;
        }
        long silentMs = current.silentMs();
        if (silentMs >= 0) {
            return silentMs;
        }
        return everUp ? TimeUnit.NANOSECONDS.toMillis(clock.nanos() - downSinceNanos) : Long.MAX_VALUE;
    }

    /** Requests of the stream that were answered with an error. */
    public long streamErrors() {
        return streamErrors.sum();
    }

    /** Begins to count those anew. */
    public void forgetStreamErrors() {
        streamErrors.reset();
    }

    Following following() {
        return following;
    }

    PrimarySettings settings() {
        return settings;
    }

    Clock clock() {
        return clock;
    }

    /**
     * Does something soon on a thread of its own that may wait, one thing at a time: {@link #follow} and {@link #lead} for
     * those who may not. Nothing is done any more once the node ends.
     */
    public void after(long delayMs, Runnable task) {
        try {
            executor.schedule(() -> guarded(task), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            // the node ends
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException fault) {
            log.warning("A change of the role failed: " + fault, fault);
        }
    }

    /** Has somebody told when this node has become a primary or a replica. */
    public void onRoleChange(Runnable told) {
        onRoleChange.add(told);
    }

    // ---- the node's start and end ----

    /** Goes on with the history that the node's file has come from; called before {@link #start}. */
    public void restore(ReplicationPoint point) {
        keyspace.lockAll();
        try {
            dataset.restore(point, isReplica());
        } finally {
            keyspace.unlockAll();
        }
    }

    /** Connects with the primary, if there is one: this node's own file was read, and whatever comes may replace it. */
    public void start() {
        Following waiting;
        synchronized (this) {
            started = true;
            waiting = following;
        }
        if (waiting != null) {
            waiting.start();
        }
    }

    /** Turns away from the primary, and waits until nobody changes the data any more. */
    @Override
    public void close() {
        CompletableFuture<Void> over;
        keyspace.lockAll();
        try {
            synchronized (this) {
                closed = true;
                over = following == null ? before : following.stop();
            }
        } finally {
            keyspace.unlockAll();
        }
        executor.shutdownNow();
        try {
            over.get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warning("The link to the primary has not ended: " + e);
        }
    }

    // ---- roles ----

    /**
     * Makes this node a replica of another, or lets it change its primary. From any thread that holds all locks of slots or
     * none; it waits for the commands that are under way.
     */
    public void follow(String host, int port) {
        follow(host, port, null);
    }

    /** As {@link #follow(String, int)}, of a replica of this node that is asked to become the primary first. */
    public void handOver(String host, int port, TakeOver told) {
        follow(host, port, told);
    }

    private void follow(String host, int port, TakeOver told) {
        if (state.follows(host, port) && told == null) {
            return;
        }
        Runnable afterwards;
        keyspace.lockAll();
        try {
            afterwards = turnTo(host, port, told);
        } finally {
            keyspace.unlockAll();
        }
        afterwards.run();
    }

    /** All that changes with the primary, except what must wait until the locks are released: that is returned. */
    private synchronized Runnable turnTo(String host, int port, TakeOver told) {
        if (closed) {
            return () -> { };
        }
        boolean demoted = !isReplica();
        CompletableFuture<Void> earlier = turnAway();
        boolean renamed = demoted && dataset.demoted();
        if (demoted) {
            everUp = false;
        }
        takeOver = told;
        Following next = new Following(this, dataset, host, port, told != null, connector, executor, settings, log);
        following = next;
        state = new ReplicationState(host, port, LinkPhase.CONNECT);
        settings.follows(state);
        condition.replica(true);
        refresh();
        boolean connects = started;
        return () -> {
            if (renamed) {
                dataset.tellOfFilesHistory();
            }
            if (demoted) {
                onRoleChange.forEach(Runnable::run);
            }
            if (connects) {
                earlier.thenRun(next::start);
            }
        };
    }

    /** Makes this node a primary: it goes on with the history under a new name. From any thread, as {@link #follow}. */
    public void lead() {
        keyspace.lockAll();
        try {
            synchronized (this) {
                if (!isReplica() || closed) {
                    return;
                }
                turnAway();
                following = null;
                takeOver = null;
                state = ReplicationState.LEADING;
                settings.follows(state);
                dataset.promoted();
                everUp = false;
                condition.replica(false);
                refresh();
            }
        } finally {
            keyspace.unlockAll();
        }
        dataset.tellOfNewName();
        onRoleChange.forEach(Runnable::run);
    }

    /** What is complete when the links of the primary that was followed until now have ended. */
    private CompletableFuture<Void> turnAway() {
        if (following != null) {
            noteDown();
            before = following.stop();
        }
        return before;
    }

    /** Adjusts what clients may do to role, link and directives. */
    private synchronized void refresh() {
        condition.closedToWrites(isReplica() && settings.readOnly());
        condition.stale(isReplica() && !state.connected() && !settings.servesStale());
    }

    private void noteDown() {
        if (state.connected()) {
            downSinceNanos = clock.nanos();
        }
    }

    // ---- what the current adherence tells ----

    boolean isCurrent(Following asking) {
        return following == asking;
    }

    synchronized void reached(Following by, LinkPhase phase) {
        if (following != by) {
            return;
        }
        noteDown();
        state = state.at(phase);
        everUp |= phase == LinkPhase.CONNECTED;
        refresh();
    }

    void takenOver(Following by) {
        TakeOver told = takeOver;
        if (isCurrent(by) && told != null) {
            takeOver = null;
            told.done();
        }
    }

    void takeOverRejected(Following by) {
        TakeOver told = takeOver;
        if (isCurrent(by) && told != null) {
            takeOver = null;
            told.rejected();
        }
    }

    SnapshotIntake intake() {
        return intake;
    }

    void erred(String command, String error) {
        streamErrors.increment();
        log.warning("== CRITICAL == This replica is sending an error to its master: '" + error
                + "' after processing the command '" + command + "'");
    }
}
