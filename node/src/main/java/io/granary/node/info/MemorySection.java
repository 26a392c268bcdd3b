package io.granary.node.info;

import io.granary.node.config.ChoiceSetting;
import io.granary.node.config.LongSetting;
import io.granary.slots.keyspace.KeyspaceStats;

/** {@code # Memory}: how much is used, and how well. */
public final class MemorySection implements InfoSection {

    private final MemoryFigures figures;
    private final LongSetting limit;
    private final ChoiceSetting policy;
    private final KeyspaceStats keyspace;

    public MemorySection(MemoryFigures figures, LongSetting limit, ChoiceSetting policy, KeyspaceStats keyspace) {
        this.figures = figures;
        this.limit = limit;
        this.policy = policy;
        this.keyspace = keyspace;
    }

    @Override
    public String heading() {
        return "Memory";
    }

    @Override
    public void write(InfoWriter out) {
        MemoryFigures.Snapshot now = figures.now();
        out.size("used_memory", now.used())
                .size("used_memory_rss", now.resident())
                .size("used_memory_peak", now.peak())
                .field("used_memory_peak_perc", percent(now.used(), now.peak()))
                .field("used_memory_overhead", now.overhead())
                .field("used_memory_startup", now.startup())
                .field("used_memory_dataset", now.dataset())
                .field("used_memory_dataset_perc", percent(now.dataset(), now.used() - now.startup()))
                .field("allocator_allocated", now.data())
                .field("allocator_active", now.committed())
                .field("allocator_resident", now.committed())
                .field("allocator_muzzy", 0)
                .size("total_system_memory", now.system())
                .field("used_memory_lua", 0)
                .field("used_memory_vm_eval", 0)
                .field("used_memory_lua_human", "0B")
                .field("used_memory_scripts_eval", 0)
                .field("number_of_cached_scripts", 0)
                .field("number_of_functions", 0)
                .field("number_of_libraries", 0)
                .field("used_memory_vm_functions", 0)
                .size("used_memory_vm_total", 0)
                .field("used_memory_functions", 0)
                .size("used_memory_scripts", 0)
                .size("maxmemory", limit.value())
                .field("maxmemory_policy", policy.value())
                .decimal("allocator_frag_ratio", now.fragmentation(), 2)
                .field("allocator_frag_bytes", now.committed() - now.data())
                .decimal("allocator_rss_ratio", 1, 2)
                .field("allocator_rss_bytes", 0)
                .decimal("rss_overhead_ratio", (double) now.resident() / Math.max(1, now.committed()), 2)
                .field("rss_overhead_bytes", now.resident() - now.committed())
                // what the Java virtual machine takes does not grow with the data: alerts on fragmentation are not for it
                .decimal("mem_fragmentation_ratio", now.fragmentation(), 2)
                .field("mem_fragmentation_bytes", now.committed() - now.data())
                .field("mem_not_counted_for_evict", now.replicas())
                .field("mem_replication_backlog", now.backlog())
                .field("mem_total_replication_buffers", now.history())
                .field("mem_clients_slaves", now.replicas())
                .field("mem_clients_normal", now.clients())
                .field("mem_cluster_links", 0)
                .field("mem_aof_buffer", 0)
                .field("mem_overhead_db_hashtable_rehashing", now.tables().movingBytes())
                .field("mem_allocator", "granary-" + io.granary.node.Version.GRANARY)
                .field("active_defrag_running", 0)
                .field("lazyfree_pending_objects", keyspace.toFree())
                .field("lazyfreed_objects", keyspace.freedLater());
    }

    private static String percent(long part, long whole) {
        return String.format(java.util.Locale.ROOT, "%.2f%%", 100.0 * part / Math.max(1, whole));
    }
}
