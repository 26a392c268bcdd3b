package io.granary.node.cluster;

import io.granary.gossip.ReplicationStatus;
import io.granary.gossip.SlotBitmap;
import io.granary.node.Clock;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.NodeCondition.PausePurpose;
import io.granary.node.dispatch.PauseBarrier;
import io.granary.node.dispatch.WriteLease;
import io.granary.node.replication.Replication;
import io.granary.node.replication.replicas.Replicas;
import io.granary.node.snapshot.Loading;
import io.granary.slots.SlotSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * Carries out what the cluster's machine decides about replication, and tells it where replication stands. A change of role
 * or a pause waits for commands that are under way, so it is carried out by a thread of its own, in the machine's order: the
 * bus never waits for a command.
 */
public final class ClusterReplication implements ReplicationOrders, SlotReplicas, AutoCloseable {

    private static final String FROZEN = "frozen by the cluster";

    private final Replication replication;
    private final Replicas replicas;
    private final Loading loading;
    private final NodeCondition condition;
    private final PauseBarrier barrier;
    private final WriteLease lease;
    private final Clock clock;
    /** On the machine's thread. */
    private final SlotSet frozen = new SlotSet();
    /** How many orders to follow somebody have not been carried out yet. */
    private final AtomicInteger turns = new AtomicInteger();
    /** Where the file stands that is still to be loaded; 0 when there is nothing to load. */
    private volatile long offsetToLoad;
    private final ExecutorService roles =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("cluster-role").factory());

    public ClusterReplication(
            Replication replication, Replicas replicas, Loading loading, NodeCondition condition, PauseBarrier barrier,
            WriteLease lease, Clock clock) {
        this.replication = replication;
        this.replicas = replicas;
        this.loading = loading;
        this.condition = condition;
        this.barrier = barrier;
        this.lease = lease;
        this.clock = clock;
    }

    /** While this node turns to a primary, what is known is of the one before. */
    @Override
    public ReplicationStatus status() {
        long toLoad = offsetToLoad;
        if (toLoad > 0) {
            return new ReplicationStatus(toLoad, replication.linkDownMs(), true);
        }
        return turns.get() > 0
                ? ReplicationStatus.UNLINKED
                : new ReplicationStatus(replication.offset(), replication.linkDownMs(), replication.synced());
    }

    long offset() {
        return replication.offset();
    }

    @Override
    public boolean understandSlots() {
        return replicas.understandSlots();
    }

    @Override
    public void tell(byte[] request) {
        replicas.tell(request);
    }

    @Override
    public boolean awaitAll(long timeoutMs) {
        return replicas.acknowledgements().awaitAll(timeoutMs);
    }

    @Override
    public void promote(Runnable done) {
        roles.execute(() -> {
            replication.lead();
            done.run();
        });
    }

    @Override
    public void follow(String host, int port) {
        lease.lost();
        replicas.refuseSyncs(false);
        turns.incrementAndGet();
        roles.execute(() -> {
            try {
                replication.follow(host, port);
            } finally {
                turns.decrementAndGet();
            }
        });
    }

    @Override
    public void pauseWrites(long forMs, LongConsumer told) {
        replicas.holdPings(true);
        condition.pause(PausePurpose.FAILOVER, false, clock.unixMs() + forMs);
        roles.execute(() -> {
            barrier.await();
            told.accept(replication.offset());
        });
    }

    @Override
    public void resumeWrites() {
        condition.resume(PausePurpose.FAILOVER);
        replicas.holdPings(false);
    }

    @Override
    public void freeze(SlotBitmap slots) {
        slots.forEach(frozen::add);
        condition.hold(FROZEN, SlotSet.copyOf(frozen));
    }

    @Override
    public void thaw(SlotBitmap slots) {
        frozen.clear();
        slots.forEach(frozen::add);
        if (slots.isEmpty()) {
            condition.release(FROZEN);
        } else {
            condition.hold(FROZEN, SlotSet.copyOf(frozen));
        }
    }

    @Override
    public boolean startedBehind() {
        Loading.FileFacts file = loading.inspect();
        offsetToLoad = file.offset();
        replicas.refuseSyncs(!file.whole());
        return !file.whole();
    }

    /** The node's file was read: from here on replication itself knows where it stands. */
    public void loaded() {
        offsetToLoad = 0;
    }

    @Override
    public void serveBehind() {
        replicas.refuseSyncs(false);
    }

    @Override
    public void lease(long untilNanos) {
        lease.until(untilNanos);
    }

    @Override
    public void leaseForEver() {
        lease.unlimited();
    }

    @Override
    public void leaseLost() {
        lease.lost();
    }

    @Override
    public void patience(long ms) {
        lease.tick(TimeUnit.MILLISECONDS.toNanos(ms));
    }

    /** Ends the thread; what it has begun it completes. */
    @Override
    public void close() {
        roles.close();
    }
}
