package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.transcript.Connection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** INFO has the form and the fields that tools parse. */
class InfoTest {

    private static final List<String> PER_COMMAND = List.of("cmdstat_", "errorstat_", "latency_percentiles_usec_");

    /** Fields that are no numbers; every other one is read as a number by tools. */
    private static final List<String> TEXTS = List.of(
            "redis_version", "redis_git_sha1", "redis_build_id", "redis_mode", "os", "monotonic_clock", "multiplexing_api",
            "atomicvar_api", "gcc_version", "process_supervised", "run_id", "executable", "config_file", "granary_version",
            "maxmemory_policy", "mem_allocator", "rdb_last_bgsave_status", "aof_last_bgrewrite_status",
            "aof_last_write_status", "role", "master_failover_state", "master_replid", "master_replid2", "jvm_version");

    private static TreeSet<String> fieldsApartFromCommands(InfoText info) {
        TreeSet<String> names = new TreeSet<>(info.fields().keySet());
        names.removeIf(name -> PER_COMMAND.stream().anyMatch(name::startsWith));
        return names;
    }

    @Test
    void everyFieldOfRedisServerIsHereInItsSection() {
        try (LiveServer redis = LiveServer.Kind.REDIS.start(); TestNode node = TestNode.start();
                Connection theirs = redis.connect(); Connection ours = node.connect()) {
            for (Connection server : List.of(theirs, ours)) {
                server.ask("SET", "a", "1");
                server.ask("NOSUCH");
            }
            InfoText expected = InfoText.of(theirs, "everything");
            InfoText received = InfoText.of(ours, "everything");
            assertThat(fieldsApartFromCommands(received)).containsAll(fieldsApartFromCommands(expected));
            fieldsApartFromCommands(expected).forEach(field ->
                    assertThat(received.sectionOf().get(field)).as(field).isEqualTo(expected.sectionOf().get(field)));
            assertThat(received.sections().subList(0, expected.sections().size())).isEqualTo(expected.sections());
            assertThat(InfoText.of(ours).sections()).isEqualTo(InfoText.of(theirs).sections());
            assertThat(InfoText.of(ours, "default").sections()).isEqualTo(InfoText.of(theirs, "default").sections());
            for (String section : expected.sections()) {
                assertThat(InfoText.of(ours, section.toUpperCase()).sections())
                        .isEqualTo(InfoText.of(theirs, section.toUpperCase()).sections());
            }
            assertThat(InfoText.of(ours, "cpu", "server", "nosuch").sections()).containsExactly("Server", "CPU");
        }
    }

    @Test
    void sectionsArePartedByEmptyLinesAndLinesEndAsInRedis() {
        try (TestNode node = TestNode.start(); Connection ours = node.connect()) {
            String text = ours.ask("INFO", "everything").text();
            assertThat(text).startsWith("# Server\r\nredis_version:7.").endsWith("\r\n").doesNotContain("\r\n\r\n\r\n")
                    .contains("\r\n\r\n# Clients\r\n", "\r\n\r\n# Keyspace\r\n");
            assertThat(text.replace("\r\n", "")).doesNotContain("\n").doesNotContain("\r");
            for (int i = text.indexOf("\r\n# "); i >= 0; i = text.indexOf("\r\n# ", i + 1)) {
                assertThat(text.substring(i - 2, i)).isEqualTo("\r\n");
            }
        }
    }

    @Test
    void numbersAreNumbersAndIdsAreIds() {
        try (TestNode node = TestNode.start(); Connection ours = node.connect()) {
            assertThat(InfoText.of(ours, "memory").text("mem_fragmentation_ratio")).isEqualTo("1.00");
            ours.ask("SET", "a", "1");
            InfoText info = InfoText.of(ours, "everything");
            for (String field : fieldsApartFromCommands(info)) {
                if (TEXTS.contains(field) || field.endsWith("_human") || field.startsWith("db")) {
                    continue;
                }
                assertThat(info.text(field)).as(field).matches("-?\\d+(\\.\\d+)?%?");
            }
            assertThat(info.text("run_id")).matches("[0-9a-f]{40}");
            assertThat(info.text("master_replid")).matches("[0-9a-f]{40}").isNotEqualTo(info.text("run_id"));
            assertThat(info.text("master_replid2")).isEqualTo("0".repeat(40));
            assertThat(info.text("role")).isEqualTo("master");
            assertThat(info.number("connected_slaves")).isZero();
            assertThat(info.number("tcp_port")).isEqualTo(node.port());
            assertThat(info.number("process_id")).isEqualTo(ProcessHandle.current().pid());
            assertThat(info.text("redis_mode")).isEqualTo("standalone");
            assertThat(info.number("cluster_enabled")).isZero();
            assertThat(info.number("used_memory")).isPositive();
            assertThat(info.text("used_memory_human")).matches("\\d+(\\.\\d\\d)?[BKMG]");
        }
    }

    @Test
    void databasesWithKeysAreListed() {
        try (TestNode node = TestNode.start(); Connection ours = node.connect()) {
            assertThat(InfoText.of(ours, "keyspace").fields()).isEmpty();
            ours.ask("SET", "a", "1");
            ours.ask("SET", "b", "1", "EX", "100");
            ours.ask("SELECT", "9");
            ours.ask("SET", "a", "1");
            InfoText info = InfoText.of(ours, "keyspace");
            assertThat(info.fields().keySet()).containsExactly("db0", "db9");
            assertThat(info.text("db0")).matches("keys=2,expires=1,avg_ttl=\\d+(,subexpiry=0)?");
            assertThat(info.parts("db9")).containsEntry("keys", "1").containsEntry("expires", "0")
                    .containsEntry("avg_ttl", "0");
        }
    }

    @Test
    void wrongPasswordsAreCounted() {
        try (TestNode node = TestNode.start(); Connection ours = node.connect()) {
            ours.configure("requirepass", "secret");
            ours.ask("AUTH", "wrong");
            ours.ask("AUTH", "secret");
            ours.ask("HELLO", "3", "AUTH", "nobody", "secret");
            assertThat(InfoText.of(ours, "stats").number("acl_access_denied_auth")).isEqualTo(2);
        }
    }

    @Test
    void aClusterSaysSo() {
        try (TestNode node = TestNode.start("--cluster-enabled", "yes"); Connection ours = node.connect()) {
            InfoText info = InfoText.of(ours, "all");
            assertThat(info.number("cluster_enabled")).isEqualTo(1);
            assertThat(info.text("redis_mode")).isEqualTo("cluster");
        }
    }

    @Test
    void percentilesAreThoseAskedFor() {
        try (TestNode node = TestNode.start(); Connection ours = node.connect()) {
            ours.ask("PING");
            assertThat(InfoText.of(ours, "latencystats").text("latency_percentiles_usec_ping"))
                    .matches("p50=\\d+\\.\\d{3},p99=\\d+\\.\\d{3},p99\\.9=\\d+\\.\\d{3}");
            ours.configure("latency-tracking-info-percentiles", "0 50 100");
            Map<String, String> parts = InfoText.of(ours, "latencystats").parts("latency_percentiles_usec_ping");
            assertThat(parts.keySet()).containsExactly("p0", "p50", "p100");
        }
    }
}
