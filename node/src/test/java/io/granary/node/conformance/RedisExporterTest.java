package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real redis_exporter reads a node without complaint, and what it makes of that is what the node tells by itself. */
class RedisExporterTest {

    private static final String PROGRAM = "prometheus-redis-exporter";

    /** What the exporter tells of itself, and one number that it reads from the wrong place: subexpiry of INFO keyspace. */
    private static final Pattern NOT_OF_THE_NODE = Pattern.compile(
            "(go|process|promhttp)_.*|redis_exporter_.*|redis_target_scrape_.*|redis_last_key_groups_.*"
                    + "|redis_db_keys_cached.*");

    /** What goes up and down between two looks, the exporter's own connection being one more. */
    private static final Pattern LIVELY = Pattern.compile(
            "redis_(connected_clients|client_recent_.*|db_avg_ttl_.*|memory_used_.*|mem_clients_.*|allocator_.*|rss_overhead_.*"
                    + "|mem_fragmentation_.*|instantaneous_.*|master_last_io_.*|connected_slave_lag_.*|start_time_seconds"
                    + "|latency_percentiles_usec|latency_spike_.*|commands_latencies_.*|slowlog_.*|last_slow_.*)(\\{.*)?");

    private static final Pattern LABEL = Pattern.compile("(\\w+)=(\"(?:[^\"\\\\]|\\\\.)*\")");

    @TempDir
    private Path folder;

    @BeforeAll
    static void thereIsAnExporter() {
        boolean installed = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(each -> Files.isExecutable(Path.of(each, PROGRAM)));
        assumeTrue(installed, PROGRAM + " is not installed: apt install " + PROGRAM);
    }

    @Test
    void aNodeAloneIsRead() throws IOException {
        try (TestNode node = TestNode.start("--latency-monitor-threshold", "1"); Connection client = node.connect()) {
            client.ask("SET", "a", "1");
            client.ask("SET", "b", "1", "EX", "1000");
            client.ask("SELECT", "3");
            client.ask("INCR", "a");
            client.ask("NOSUCH");
            client.ask("DEBUG", "SLEEP", "0.005");
            assertTheSame(node.port(), client);
        }
    }

    @Test
    void aPrimaryAndItsReplicaAreRead() throws IOException {
        try (EmbeddedCluster cluster = EmbeddedCluster.startWithReplicas(3, 1)) {
            for (int index : new int[] {0, 3}) {
                int port = cluster.node(index).port();
                try (Connection client = Connection.to(port)) {
                    assertTheSame(port, client);
                }
            }
        }
    }

    private void assertTheSame(int port, Connection client) throws IOException {
        int own = Scrape.open(client);
        Scrape before = Scrape.of(own);
        Scrape exported = exported(port);
        Scrape after = Scrape.of(own);
        assertThat(exported.value("redis_up")).isEqualTo(1);
        assertThat(exported.value("redis_exporter_last_scrape_error{err=\"\"}")).isZero();
        Map<String, Double> first = byLabels(before);
        Map<String, Double> last = byLabels(after);
        Map<String, Double> theirs = byLabels(exported);
        theirs.keySet().removeIf(series -> NOT_OF_THE_NODE.matcher(series).matches());
        assertThat(theirs).hasSizeGreaterThan(100);
        Set<String> missing = new TreeSet<>(theirs.keySet());
        missing.removeAll(last.keySet());
        assertThat(missing).as("told by the exporter alone").isEmpty();
        theirs.forEach((series, value) -> {
            if (!LIVELY.matcher(series).matches()) {
                assertThat(value).as(series).isBetween(first.getOrDefault(series, 0.0), last.get(series));
            }
        });
    }

    /** The samples, their labels in order; without that one which only younger exporters know. */
    private static Map<String, Double> byLabels(Scrape scrape) {
        Map<String, Double> samples = new TreeMap<>();
        scrape.samples().forEach((series, value) -> {
            Map<String, String> labels = new TreeMap<>();
            Matcher label = LABEL.matcher(series);
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
            labels.remove("master_replid");
            samples.put(series.replaceAll("\\{.*", "") + (labels.isEmpty() ? "" : labels), value);
        });
        return samples;
    }

    /** What the exporter makes of the node on this port; it must not complain. */
    private Scrape exported(int port) throws IOException {
        int own = FreePorts.next();
        Path log = folder.resolve("exporter-" + port + ".log");
        Process exporter = new ProcessBuilder(
                PROGRAM, "-redis.addr", "redis://127.0.0.1:" + port, "-web.listen-address", "127.0.0.1:" + own,
                "-include-system-metrics")
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            await().ignoreExceptionsInstanceOf(UncheckedIOException.class)
                    .until(() -> Scrape.get(own, "/health").statusCode() == 200);
            Scrape scrape = Scrape.of(own);
            assertThat(Files.readString(log)).doesNotContain("level=error").doesNotContain("WARNING");
            return scrape;
        } finally {
            exporter.destroyForcibly().onExit().join();
        }
    }
}
