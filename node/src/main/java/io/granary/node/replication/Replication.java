package io.granary.node.replication;

import io.granary.node.Clock;
import io.granary.node.client.PrimaryConnector;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.snapshot.LoadedRdb;
import io.granary.node.snapshot.Loading;
import io.granary.node.snapshot.ShadowLoad;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import io.granary.slots.keyspace.Keyspace;
import java.lang.foreign.MemorySegment;
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
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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

    private final ReplicationLog history;
    private final Keyspace keyspace;
    private final NodeCondition condition;
    private final PrimaryConnector connector;
    private final SnapshotIntake intake;
    private final Supplier<String> ids;
    private final Clock clock;
    private final NodeLog log;
    private final PrimarySettings settings;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("replication").factory());
    private final List<Consumer<String>> onHistoryChange = new CopyOnWriteArrayList<>();
    private final List<Runnable> onRoleChange = new CopyOnWriteArrayList<>();
    private final LongAdder streamErrors = new LongAdder();

    private volatile ReplicationState state = ReplicationState.LEADING;
    private volatile Following following;
    /** Complete when no link to an earlier primary is left. */
    private CompletableFuture<Void> before = CompletableFuture.completedFuture(null);
    private volatile boolean synced;
    /** Where the file stood with which this node, a primary, began; null once anything has changed since. */
    private ReplicationPoint begunAt;
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
        this.history = history;
        this.keyspace = keyspace;
        this.condition = condition;
        this.connector = connector;
        this.ids = ids;
        this.clock = clock;
        this.log = log;
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

    /** The node's one history. */
    public ReplicationLog history() {
        return history;
    }

    /** The offset of the last byte of the history that this node has: applied as a replica, written as a primary. */
    public long offset() {
        return history.offset();
    }

    /** Whether this node holds the data of a sync that was completed once, or is a primary. */
    public boolean synced() {
        return synced || !isReplica();
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

    /** Has somebody told when the history got another name or begins anew, so that whoever follows has to ask again. */
    public void onHistoryChange(Consumer<String> told) {
        onHistoryChange.add(told);
    }

    /** Has somebody told when this node has become a primary or a replica. */
    public void onRoleChange(Runnable told) {
        onRoleChange.add(told);
    }

    // ---- the node's start and end ----

    /**
     * Goes on with the history that the node's file has come from; called before {@link #start}. A replica can go on from
     * there, and a primary's replicas can, as in Redis 7.
     */
    public void restore(ReplicationPoint point) {
        keyspace.lockAll();
        try {
            history.follow(ReplicationIds.of(point.id()), point.offset());
            if (isReplica()) {
                select(point.database());
            } else {
                history.lead(ids.get());
                begunAt = point;
            }
            synced = true;
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

    private void select(int database) {
        history.appendRaw(MemorySegment.NULL, 0, 0, database);
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
        boolean renamed = demoted && keepHistory();
        takeOver = told;
        Following next = new Following(this, host, port, told != null, connector, executor, settings, log);
        following = next;
        state = new ReplicationState(host, port, LinkPhase.CONNECT);
        settings.follows(state);
        condition.replica(true);
        refresh();
        boolean connects = started;
        return () -> {
            if (renamed) {
                onHistoryChange.forEach(each -> each.accept("this node goes on with the history of its file"));
            }
            if (demoted) {
                onRoleChange.forEach(Runnable::run);
            }
            if (connects) {
                earlier.thenRun(next::start);
            }
        };
    }

    /**
     * A primary that becomes a replica may go on where it is: perhaps its new primary has been its replica. Returns whether the
     * history has another name then.
     */
    private boolean keepHistory() {
        boolean unchanged = begunAt != null && history.offset() == begunAt.offset();
        if (unchanged) {
            history.follow(ReplicationIds.of(begunAt.id()), begunAt.offset());
        } else if (history.hasHistory()) {
            log.notice("Before turning into a replica, using my own master parameters to synthesize a cached master: I may"
                    + " be able to synchronize with the new master with just a partial transfer.");
            history.follow();
        }
        begunAt = null;
        synced = history.hasHistory();
        everUp = false;
        return unchanged;
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
                if (history.hasHistory()) {
                    history.lead(ids.get());
                }
                everUp = false;
                condition.emptied(false);
                condition.replica(false);
                refresh();
            }
        } finally {
            keyspace.unlockAll();
        }
        if (history.hasHistory()) {
            renamed();
        }
        onRoleChange.forEach(Runnable::run);
    }

    private void renamed() {
        log.notice("Setting secondary replication ID to " + history.ids().previousId() + ", valid up to offset: "
                + history.ids().previousEnd() + ". New replication ID is " + history.ids().id());
        onHistoryChange.forEach(told -> told.accept("this node has become a primary, and the history has a new name"));
    }

    /** Gives the history a name that nobody knows, so that nobody can go on with it: for tests. */
    public void changeId() {
        keyspace.lockAll();
        try {
            history.renameAlone(ids.get());
        } finally {
            keyspace.unlockAll();
        }
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

    /** Whether there is anything to go on with: else its data were thrown away for others that have not come. */
    boolean hasData() {
        return !condition.emptied();
    }

    /** Throws data and history away, to make room for the primary's, if the link still counts. */
    boolean makeRoom(BooleanSupplier current) {
        keyspace.lockAll();
        try {
            if (!current.getAsBoolean()) {
                return false;
            }
            condition.emptied(true);
            synced = false;
            history.giveUp(ids.get());
            keyspace.replaceBy(keyspace.shadow(), clock.unixMs());
        } finally {
            keyspace.unlockAll();
        }
        onHistoryChange.forEach(told -> told.accept("all data of this node make room for its master's"));
        return true;
    }

    /** The stream goes on where this node is, if the link still counts. */
    boolean goesOn(BooleanSupplier current, String newId) {
        keyspace.lockAll();
        try {
            if (!current.getAsBoolean()) {
                return false;
            }
            if (newId != null) {
                history.rename(newId);
            }
            synced = true;
        } finally {
            keyspace.unlockAll();
        }
        if (newId != null) {
            log.notice("Master replication ID changed to " + newId);
            onHistoryChange.forEach(told -> told.accept("the master's history has a new name"));
        }
        return true;
    }

    /** Puts the primary's data and history in the place of this node's, if the link still counts. */
    boolean swapIn(BooleanSupplier current, ShadowLoad data, LoadedRdb rdb, Handshake.Step.FullSync place) {
        keyspace.lockAll();
        try {
            if (!current.getAsBoolean()) {
                return false;
            }
            data.swapIn(() -> {
                history.follow(ReplicationIds.of(place.id()), place.offset());
                select(rdb.replication() == null ? 0 : rdb.replication().database());
                synced = true;
                condition.filled();
            });
        } finally {
            keyspace.unlockAll();
        }
        onHistoryChange.forEach(told -> told.accept("all data of this node were replaced by its master's"));
        return true;
    }

    void erred(String command, String error) {
        streamErrors.increment();
        log.warning("== CRITICAL == This replica is sending an error to its master: '" + error
                + "' after processing the command '" + command + "'");
    }
}
