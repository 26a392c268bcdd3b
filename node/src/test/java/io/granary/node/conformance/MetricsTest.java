package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.slots.transcript.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a node tells Prometheus is what it tells by INFO. */
class MetricsTest {

    /** Fields of INFO, and under which names their numbers are exported. */
    private static final Map<String, String> SAME = Map.ofEntries(
            Map.entry("process_id", "redis_process_id"),
            Map.entry("maxclients", "redis_max_clients"),
            Map.entry("blocked_clients", "redis_blocked_clients"),
            Map.entry("used_memory_dataset", "redis_memory_used_dataset_bytes"),
            Map.entry("allocator_allocated", "redis_allocator_allocated_bytes"),
            Map.entry("allocator_active", "redis_allocator_active_bytes"),
            Map.entry("total_system_memory", "redis_total_system_memory_bytes"),
            Map.entry("maxmemory", "redis_memory_max_bytes"),
            Map.entry("mem_fragmentation_ratio", "redis_mem_fragmentation_ratio"),
            Map.entry("rdb_changes_since_last_save", "redis_rdb_changes_since_last_save"),
            Map.entry("rdb_last_save_time", "redis_rdb_last_save_timestamp_seconds"),
            Map.entry("total_connections_received", "redis_connections_received_total"),
            Map.entry("keyspace_hits", "redis_keyspace_hits_total"),
            Map.entry("keyspace_misses", "redis_keyspace_misses_total"),
            Map.entry("expired_keys", "redis_expired_keys_total"),
            Map.entry("evicted_keys", "redis_evicted_keys_total"),
            Map.entry("total_error_replies", "redis_total_error_replies"),
            Map.entry("connected_slaves", "redis_connected_slaves"),
            Map.entry("master_repl_offset", "redis_master_repl_offset"),
            Map.entry("repl_backlog_size", "redis_replication_backlog_bytes"),
            Map.entry("cluster_enabled", "redis_cluster_enabled"));

    /** What grows between two looks: a page between them shows what lies between. */
    private static final Map<String, String> GROWING = Map.of(
            "total_commands_processed", "redis_commands_processed_total",
            "total_net_input_bytes", "redis_net_input_bytes_total",
            "total_net_output_bytes", "redis_net_output_bytes_total",
            "uptime_in_seconds", "redis_uptime_in_seconds",
            "used_cpu_user", "redis_cpu_user_seconds_total",
            "eventloop_cycles", "redis_eventloop_cycles_total");

    @Test
    void theNumbersAreThoseOfInfo() {
        try (TestNode node = TestNode.start(); Connection client = node.connect()) {
            int port = Scrape.open(client);
            client.ask("SET", "a", "1");
            client.ask("SET", "b", "1", "EX", "1000");
            client.ask("GET", "a");
            client.ask("GET", "nosuch");
            client.ask("NOSUCH");
            client.ask("INCR", "a", "2");
            InfoText before = InfoText.of(client, "everything");
            Scrape page = Scrape.of(port);
            InfoText after = InfoText.of(client, "everything");
            SAME.forEach((field, name) ->
                    assertThat(page.value(name)).as(field).isEqualTo(Double.parseDouble(before.text(field))));
            GROWING.forEach((field, name) -> assertThat(page.value(name)).as(field).isBetween(
                    Double.parseDouble(before.text(field)), Double.parseDouble(after.text(field))));
            assertThat(page.value("redis_connected_clients")).isEqualTo(1);
            for (String command : List.of("get", "set", "incr", "config|set")) {
                assertCounts(page, before, command);
            }
            assertThat(page.value("redis_errors_total{err=\"ERR\"}"))
                    .isEqualTo(Double.parseDouble(before.parts("errorstat_ERR").get("count")));
            assertDatabases(page, before);
        }
    }

    private static void assertCounts(Scrape page, InfoText info, String command) {
        Map<String, String> parts = info.parts("cmdstat_" + command);
        String label = "{cmd=\"" + command + "\"}";
        assertThat(page.value("redis_commands_total" + label)).isEqualTo(Double.parseDouble(parts.get("calls")));
        assertThat(page.value("redis_commands_duration_seconds_total" + label))
                .isEqualTo(Long.parseLong(parts.get("usec")) / 1e6);
        assertThat(page.value("redis_commands_rejected_calls_total" + label))
                .isEqualTo(Double.parseDouble(parts.get("rejected_calls")));
        assertThat(page.value("redis_commands_failed_calls_total" + label))
                .isEqualTo(Double.parseDouble(parts.get("failed_calls")));
        if (info.fields().containsKey("latency_percentiles_usec_" + command)) {
            info.parts("latency_percentiles_usec_" + command).forEach((percentile, micros) -> assertThat(page.value(
                    "redis_latency_percentiles_usec{cmd=\"" + command + "\",quantile=\"" + percentile.substring(1) + "\"}"))
                    .isEqualTo(Double.parseDouble(micros)));
            assertThat(page.value("redis_commands_latencies_usec_count" + label))
                    .isEqualTo(Double.parseDouble(parts.get("calls")));
        }
    }

    private static void assertDatabases(Scrape page, InfoText info) {
        Map<String, String> parts = info.parts("db0");
        assertThat(page.value("redis_db_keys{db=\"db0\"}")).isEqualTo(2);
        assertThat(page.value("redis_db_keys_expiring{db=\"db0\"}")).isEqualTo(1);
        assertThat(page.value("redis_db_avg_ttl_seconds{db=\"db0\"}"))
                .isEqualTo(Double.parseDouble(parts.get("avg_ttl")) / 1000);
        assertThat(page.value("redis_db_keys{db=\"db15\"}")).isZero();
        assertThat(page.samples()).doesNotContainKey("redis_db_keys{db=\"db16\"}");
    }

    @Test
    void textsBecomeLabelsAndStatesBecomeNumbers() {
        try (TestNode node = TestNode.start("--latency-monitor-threshold", "1"); Connection client = node.connect()) {
            int port = Scrape.open(client);
            client.configure("slowlog-log-slower-than", "0");
            client.ask("DEBUG", "SLEEP", "0.01");
            Scrape page = Scrape.of(port);
            InfoText info = InfoText.of(client, "everything");
            assertThat(page.samples()).containsKey("redis_instance_info{role=\"master\",redis_version=\"7.4.1\","
                    + "redis_build_id=\"0\",redis_mode=\"standalone\",os=\"" + info.text("os")
                    + "\",maxmemory_policy=\"noeviction\",tcp_port=\"" + node.port() + "\",run_id=\"" + info.text("run_id")
                    + "\",process_id=\"" + info.text("process_id")
                    + "\",master_replid=\"" + info.text("master_replid") + "\"}");
            assertThat(page.value("redis_up")).isEqualTo(1);
            assertThat(page.value("redis_rdb_last_bgsave_status")).isEqualTo(1);
            assertThat(page.value("redis_slowlog_length")).isPositive();
            assertThat(page.value("redis_last_slow_execution_duration_seconds")).isGreaterThanOrEqualTo(0.01);
            assertThat(page.value("redis_latency_spike_duration_seconds{event_name=\"command\"}"))
                    .isGreaterThanOrEqualTo(0.01);
            assertThat(page.value("redis_config_client_output_buffer_limit_bytes{class=\"slave\",limit=\"hard\"}"))
                    .isEqualTo(268435456);
            assertThat(page.value("granary_write_lease_held")).isEqualTo(1);
            assertThat(page.value("granary_jvm_heap_max_bytes")).isPositive();
            assertThat(page.value("granary_internal_faults_total")).isZero();
        }
    }

    @Test
    void aClusterAndItsReplicasAreTold() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.startWithReplicas(3, 1);
                Connection primary = connect(cluster.node(0)); Connection replica = connect(cluster.node(3))) {
            int ofPrimary = Scrape.open(primary);
            int ofReplica = Scrape.open(replica);
            Scrape page = Scrape.of(ofPrimary);
            assertThat(page.value("redis_cluster_enabled")).isEqualTo(1);
            assertThat(page.value("redis_cluster_state")).isEqualTo(1);
            assertThat(page.value("redis_cluster_slots_assigned")).isEqualTo(16384);
            assertThat(page.value("redis_cluster_slots_ok")).isEqualTo(16384);
            assertThat(page.value("redis_cluster_known_nodes")).isEqualTo(6);
            assertThat(page.value("redis_cluster_size")).isEqualTo(3);
            assertThat(page.value("redis_cluster_messages_sent_total")).isPositive();
            assertThat(page.value("granary_write_lease_held")).isEqualTo(1);
            assertThat(page.value("granary_write_lease_remaining_seconds")).isPositive();
            assertThat(page.value("granary_slot_exports_running")).isZero();
            assertThat(page.value("granary_slot_imports_running")).isZero();
            assertThat(page.value("redis_connected_slaves")).isEqualTo(1);
            String labels = "{slave_ip=\"127.0.0.1\",slave_port=\"" + cluster.node(3).port() + "\",slave_state=\"online\"}";
            assertThat(page.value("redis_connected_slave_lag_seconds" + labels)).isBetween(0.0, 60.0);
            Scrape other = Scrape.of(ofReplica);
            String master = "{master_host=\"127.0.0.1\",master_port=\"" + cluster.node(0).port() + "\"}";
            assertThat(other.value("redis_master_link_up" + master)).isEqualTo(1);
            assertThat(other.value("redis_master_sync_in_progress" + master)).isZero();
            assertThat(other.value("redis_slave_info" + master.replace("}", ",read_only=\"1\"}"))).isEqualTo(1);
            await().untilAsserted(() -> assertThat(Scrape.of(ofReplica).value("redis_slave_repl_offset" + master)).isEqualTo(
                    Scrape.of(ofPrimary).value("redis_connected_slave_offset_bytes" + labels)));
        }
    }

    private static Connection connect(EmbeddedNode node) throws java.io.IOException {
        return Connection.to(node.port());
    }
}
