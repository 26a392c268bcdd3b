package io.granary.node.info;

import io.granary.node.dispatch.WriteLease;
import io.granary.node.info.InfoWriter.Part;
import io.granary.node.metrics.Statistics;
import io.granary.slots.keyspace.ActiveExpiry;
import io.granary.slots.keyspace.Keyspace;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;

/** The sections of a few lines: {@code # Modules}, {@code # Cluster}, {@code # Keyspace} and our own {@code # Jvm}. */
public final class SmallSections {

    private SmallSections() {}

    /** There are no modules. */
    public record Modules() implements InfoSection {
        @Override
        public String heading() {
            return "Modules";
        }

        @Override
        public void write(InfoWriter out) {
            // one line a module
        }
    }

    public record Cluster(boolean enabled) implements InfoSection {
        @Override
        public String heading() {
            return "Cluster";
        }

        @Override
        public void write(InfoWriter out) {
            out.field("cluster_enabled", enabled);
        }
    }

    /** A line for each database that holds keys. */
    public record Databases(Keyspace keyspace, ActiveExpiry expiry) implements InfoSection {
        @Override
        public String heading() {
            return "Keyspace";
        }

        @Override
        public void write(InfoWriter out) {
            for (int db = 0; db < keyspace.databases(); db++) {
                long keys = keyspace.size(db);
                if (keys > 0) {
                    out.parts("db" + db, Part.of("keys", keys), Part.of("expires", keyspace.expiring(db)),
                            Part.of("avg_ttl", expiry.averageTtlMs(db)), Part.of("subexpiry", 0));
                }
            }
        }
    }

    /** The event loops in more detail than anybody but a tester wants. */
    public record Debug(Statistics statistics) implements InfoSection {
        @Override
        public String heading() {
            return "Debug";
        }

        @Override
        public boolean shownByDefault() {
            return false;
        }

        @Override
        public boolean shownWithAll() {
            return false;
        }

        @Override
        public void write(InfoWriter out) {
            out.field("eventloop_duration_aof_sum", 0)
                    .field("eventloop_duration_cron_sum", statistics.choreNanos() / 1000)
                    .field("eventloop_duration_max", statistics.cycleNanosMax() / 1000)
                    .field("eventloop_cmd_per_cycle_max", statistics.cycleCommandsMax());
        }
    }

    /** Until when this node may acknowledge writes: nobody limits that outside of a cluster, and a replica never may. */
    public record Lease(WriteLease lease) implements InfoSection {
        @Override
        public String heading() {
            return "Lease";
        }

        @Override
        public boolean shownByDefault() {
            return false;
        }

        @Override
        public void write(InfoWriter out) {
            long nanos = lease.remainingNanos();
            out.field("write_lease_held", nanos > 0);
            if (nanos != Long.MAX_VALUE) {
                out.field("write_lease_remaining_ms", Math.max(0, nanos / 1_000_000));
            }
        }
    }

    /** The Java virtual machine: heap, collections, and what was allocated on the heap since the start. */
    public record Jvm() implements InfoSection {
        @Override
        public String heading() {
            return "Jvm";
        }

        @Override
        public boolean shownByDefault() {
            return false;
        }

        @Override
        public void write(InfoWriter out) {
            MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
            long collections = 0;
            long millis = 0;
            for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
                collections += collector.getCollectionCount();
                millis += collector.getCollectionTime();
            }
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            out.field("jvm_version", Runtime.version().toString())
                    .field("jvm_heap_used", heap.getUsed())
                    .field("jvm_heap_committed", heap.getCommitted())
                    .field("jvm_heap_max", heap.getMax())
                    .field("jvm_gc_count", collections)
                    .field("jvm_gc_millis", millis)
                    .field("jvm_allocated_bytes", threads.getTotalThreadAllocatedBytes());
        }
    }
}
