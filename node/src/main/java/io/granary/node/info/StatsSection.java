package io.granary.node.info;

import io.granary.node.client.ClientRegistry;
import io.granary.node.fault.Faults;
import io.granary.node.metrics.Rates;
import io.granary.node.metrics.Statistics;
import io.granary.node.replication.replicas.Replicas;
import io.granary.slots.keyspace.KeyspaceStats;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** {@code # Stats}: what has happened since the start, or since CONFIG RESETSTAT. */
public final class StatsSection implements InfoSection {

    private final Statistics statistics;
    private final Rates rates;
    private final KeyspaceStats keyspace;
    private final ClientRegistry registry;
    private final Replicas replicas;
    private final LongSupplier streamErrors;
    private final IntSupplier ownExpiries;
    private final Faults faults;

    /**
     * @param streamErrors requests of a primary's stream that were answered with an error
     * @param ownExpiries keys that a writable replica removes itself when their time has come
     */
    public StatsSection(
            Statistics statistics, Rates rates, KeyspaceStats keyspace, ClientRegistry registry, Replicas replicas,
            LongSupplier streamErrors, IntSupplier ownExpiries, Faults faults) {
        this.statistics = statistics;
        this.rates = rates;
        this.keyspace = keyspace;
        this.registry = registry;
        this.replicas = replicas;
        this.streamErrors = streamErrors;
        this.ownExpiries = ownExpiries;
        this.faults = faults;
    }

    @Override
    public String heading() {
        return "Stats";
    }

    @Override
    public void write(InfoWriter out) {
        out.field("total_connections_received", registry.acceptedCount())
                .field("total_commands_processed", statistics.commands())
                .field("instantaneous_ops_per_sec", rates.commandsPerSecond())
                .field("total_net_input_bytes", statistics.inputBytes())
                .field("total_net_output_bytes", statistics.outputBytes())
                .field("total_net_repl_input_bytes", 0)
                .field("total_net_repl_output_bytes", replicas.counts().sentBytes())
                .decimal("instantaneous_input_kbps", rates.inputBytesPerSecond() / 1024, 2)
                .decimal("instantaneous_output_kbps", rates.outputBytesPerSecond() / 1024, 2)
                .field("instantaneous_input_repl_kbps", "0.00")
                .field("instantaneous_output_repl_kbps", "0.00")
                .field("rejected_connections", registry.rejectedCount())
                .field("sync_full", replicas.counts().full())
                .field("sync_partial_ok", replicas.counts().partial())
                .field("sync_partial_err", replicas.counts().partialRefusals())
                .field("expired_subkeys", 0)
                .field("expired_keys", keyspace.expired())
                .field("expired_stale_perc", "0.00")
                .field("expired_time_cap_reached_count", 0)
                .field("expire_cycle_cpu_milliseconds", 0)
                .field("evicted_keys", keyspace.evicted())
                .field("evicted_clients", 0)
                .field("evicted_scripts", 0)
                .field("total_eviction_exceeded_time", 0)
                .field("current_eviction_exceeded_time", 0)
                .field("keyspace_hits", keyspace.hits())
                .field("keyspace_misses", keyspace.misses())
                .field("pubsub_channels", 0)
                .field("pubsub_patterns", 0)
                .field("pubsubshard_channels", 0)
                .field("latest_fork_usec", 0)
                .field("total_forks", 0)
                .field("migrate_cached_sockets", 0)
                .field("slave_expires_tracked_keys", ownExpiries.getAsInt())
                .field("active_defrag_hits", 0)
                .field("active_defrag_misses", 0)
                .field("active_defrag_key_hits", 0)
                .field("active_defrag_key_misses", 0)
                .field("total_active_defrag_time", 0)
                .field("current_active_defrag_time", 0)
                .field("tracking_total_keys", 0)
                .field("tracking_total_items", 0)
                .field("tracking_total_prefixes", 0)
                .field("unexpected_error_replies", streamErrors.getAsLong() + registry.replicaErrors())
                .field("internal_faults", faults.count())
                .field("total_error_replies", statistics.errorReplies())
                .field("dump_payload_sanitizations", 0)
                .field("total_reads_processed", statistics.reads())
                .field("total_writes_processed", statistics.writes())
                .field("io_threaded_reads_processed", 0)
                .field("io_threaded_writes_processed", 0)
                .field("client_query_buffer_limit_disconnections", registry.inputLimitHits())
                .field("client_output_buffer_limit_disconnections", registry.outputLimitHits())
                .field("reply_buffer_shrinks", 0)
                .field("reply_buffer_expands", 0)
                .field("eventloop_cycles", statistics.cycles())
                .field("eventloop_duration_sum", statistics.cycleNanos() / 1000)
                .field("eventloop_duration_cmd_sum", statistics.commandNanos() / 1000)
                .field("instantaneous_eventloop_cycles_per_sec", rates.cyclesPerSecond())
                .field("instantaneous_eventloop_duration_usec", Math.round(rates.cycleMicros()))
                .field("acl_access_denied_auth", registry.wrongPasswords())
                .field("acl_access_denied_cmd", 0)
                .field("acl_access_denied_key", 0)
                .field("acl_access_denied_channel", 0);
    }
}
