package io.granary.node.info;

import io.granary.node.Machine;
import io.granary.node.client.ClientRegistry;
import io.granary.node.config.LongSetting;
import io.granary.node.metrics.Rates;
import io.granary.node.replication.ReplicationLog;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.TableFigures;
import io.granary.slots.memory.NativeMemory;
import java.lang.management.ManagementFactory;

/** The memory of a node, measured when somebody asks. */
public final class MemoryFigures {

    private final Keyspace keyspace;
    private final NativeMemory memory;
    private final ClientRegistry registry;
    private final ReplicationLog history;
    private final LongSetting backlogBytes;
    private final Rates rates;
    private final long startup;

    public MemoryFigures(
            Keyspace keyspace, NativeMemory memory, ClientRegistry registry, ReplicationLog history,
            LongSetting backlogBytes,
            Rates rates) {
        this.memory = memory;
        this.keyspace = keyspace;
        this.registry = registry;
        this.history = history;
        this.backlogBytes = backlogBytes;
        this.rates = rates;
        this.startup = keyspace.usedMemory();
    }

    /**
     * All in bytes.
     *
     * @param used data and clients' buffers: what {@code maxmemory} limits, and the buffers
     * @param data records and tables, exactly as allocated
     * @param committed pages that hold data
     * @param resident the whole process, the JVM included
     * @param history the replication log
     * @param backlog the part of it that is kept even if nobody is behind
     * @param replicas what replicas that are behind need beyond that, and what is on its way to them
     * @param tables what the tables of the keyspace take
     */
    public record Snapshot(
            long used, long peak, long startup, long data, TableFigures tables, long committed, long clients, long history,
            long backlog, long replicas, long resident, long heap, long system) {

        public long overhead() {
            return startup + tables.bytes() + clients + backlog + replicas;
        }

        public long dataset() {
            return Math.max(0, used - overhead());
        }

        /** Pages over what is in them, 1 for an empty node. */
        public double fragmentation() {
            return data == 0 ? 1 : (double) committed / data;
        }
    }

    private TableFigures tables() {
        TableFigures sum = TableFigures.NONE;
        for (int database = 0; database < keyspace.databases(); database++) {
            sum = sum.plus(keyspace.tables(database));
        }
        return sum;
    }

    public Snapshot now() {
        long data = keyspace.usedMemory();
        long clients = registry.bufferBytes();
        long log = history.memoryBytes();
        long backlog = Math.min(log, backlogBytes.value());
        long replicas = log - backlog + registry.replicaBufferBytes();
        long used = data + clients + backlog + replicas;
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return new Snapshot(used, rates.peakMemory(used), startup, data, tables(),
                memory.pageBytes(), clients, log, backlog, replicas, Machine.residentBytes(), heap, Machine.memoryBytes());
    }
}
