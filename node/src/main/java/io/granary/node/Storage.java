package io.granary.node;

import io.granary.node.config.Configuration;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.Propagation;
import io.granary.node.replication.ReplicationIds;
import io.granary.node.replication.ReplicationLog;
import io.granary.persistence.rdb.RdbOrigin;
import io.granary.slots.keyspace.ActiveExpiry;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Supplier;

/**
 * What a node keeps: its data outside the heap, and the log of their changes. They are made first and given up last, when
 * no thread is left that reads them.
 */
final class Storage implements AutoCloseable {

    /** Stripes of locks in a cluster: many more than there are cores, so that two loops seldom want the same. */
    private static final int STRIPES = 1024;

    private static final long REFERENCES_REACH_BYTES = 32L << 30;

    private final NativeMemory memory;
    private final Keyspace keyspace;
    private final ActiveExpiry expiry;
    private final ReplicationLog history;
    private final Propagation propagation;

    /**
     * @param replicationId the first name of the history
     * @param allocator of the log's blocks, asked for with the first of them
     */
    Storage(
            Configuration configuration, KeyHash hash, NodeCondition condition, String replicationId,
            Supplier<ByteBufAllocator> allocator) {
        boolean clustered = configuration.flag("cluster-enabled").value();
        memory = NativeMemory.reserve(reservedBytes(configuration), MemoryOptions.DEFAULT);
        int databases = clustered ? 1 : configuration.number("databases").intValue();
        keyspace = new Keyspace(memory, hash, databases, clustered, clustered ? STRIPES : 1);
        expiry = new ActiveExpiry(keyspace, condition::removesExpired);
        history = new ReplicationLog(
                allocator, configuration.number("repl-backlog-size")::value, ReplicationIds.of(replicationId));
        propagation = new Propagation(history);
        history.onActivity(propagation::historyChanged);
    }

    /**
     * Address space only: what is never written costs nothing. Up to 32 GiB a reference reaches every eighth byte; beyond,
     * cells are rounded up further, so a machine that can do with 32 GiB gets just that.
     */
    private static long reservedBytes(Configuration configuration) {
        long limit = configuration.number("maxmemory").value();
        long wanted = limit > 0 ? limit + limit / 2 : Machine.memoryBytes();
        return Math.max(REFERENCES_REACH_BYTES, wanted);
    }

    NativeMemory memory() {
        return memory;
    }

    Keyspace keyspace() {
        return keyspace;
    }

    /** What removes keys whose time has come. */
    ActiveExpiry expiry() {
        return expiry;
    }

    /** The replication log. */
    ReplicationLog history() {
        return history;
    }

    /** Where changes are told: to the log, and to moves of slots. */
    Propagation propagation() {
        return propagation;
    }

    /** Where the history stands, as a snapshot keeps it, or null; asked with all slots locked. */
    RdbOrigin.ReplicationPoint replicationPoint() {
        return !history.hasHistory() ? null
                : new RdbOrigin.ReplicationPoint(history.ids().id(), history.offset(), Math.max(0, history.database()));
    }

    @Override
    public void close() {
        history.close();
        keyspace.close();
    }
}
