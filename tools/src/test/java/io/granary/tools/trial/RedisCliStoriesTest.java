package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.PortRange;
import io.granary.tools.cluster.TestLauncher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What operators do to shards with the real redis-cli: create them, take their snapshots, back the cluster up. */
class RedisCliStoriesTest {

    private static final int NODE_TIMEOUT_MS = 5000;
    private static final int SECONDS = 60;
    private static final int KEYS = 300;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;
    private Program granary;

    @BeforeEach
    void prepare() throws IOException {
        RedisTools.assumeInstalled();
        granary = Program.granary(TestLauncher.writeTo(folder));
    }

    @Test
    void sixOfOursAreCreatedAndBackedUp() throws IOException {
        try (TrialCluster cluster = create(Collections.nCopies(6, granary))) {
            backsUp(cluster);
        }
    }

    @Test
    void threeOfOursAndThreeOfRedisAreCreatedAndBackedUp() throws IOException {
        try (TrialCluster cluster =
                create(List.of(granary, Program.REDIS, granary, Program.REDIS, granary, Program.REDIS))) {
            backsUp(cluster);
        }
    }

    private TrialCluster create(List<Program> programs) throws IOException {
        TrialCluster cluster =
                TrialCluster.startUnformed(programs, PortRange.free(programs.size()), folder, NODE_TIMEOUT_MS);
        try {
            String printed = RedisTools.cli(folder, Stream.of(
                            Stream.of("--cluster", "create"),
                            cluster.nodes().stream().map(node -> node.address().toString()),
                            Stream.of("--cluster-replicas", "1", "--cluster-yes"))
                    .flatMap(words -> words).toArray(String[]::new));
            assertThat(printed).contains(
                    "[OK] All nodes agree about slots configuration.", "[OK] All 16384 slots covered.");
            cluster.awaitSettled();
            assertThat(cluster.primaries()).hasSize(programs.size() / 2);
            return cluster;
        } catch (IOException | RuntimeException | Error failure) {
            cluster.close();
            throw failure;
        }
    }

    private void backsUp(TrialCluster cluster) throws IOException {
        int written = fill(cluster);
        Path backup = Files.createDirectory(folder.resolve("backup"));
        String first = cluster.nodes().getFirst().address().toString();
        assertThat(RedisTools.cli(folder, "--cluster", "backup", first, backup.toString()))
                .contains("[OK] Backup created into: " + backup);
        assertThat(backup.resolve("nodes.json")).isNotEmptyFile();
        int kept = 0;
        try (Stream<Path> files = Files.list(backup)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".rdb")).toList()) {
                kept += keysInRedis(file);
            }
        }
        assertThat(kept).isEqualTo(written);
        for (TrialNode node : cluster.nodes()) {
            Path file = folder.resolve(node.address().port() + ".rdb");
            RedisTools.cli(folder, "-p", Integer.toString(node.address().port()), "--rdb", file.toString());
            assertThat(keysInRedis(file)).isEqualTo(Integer.parseInt(node.ask("DBSIZE")));
        }
    }

    /** Writes keys to all shards, and waits until their replicas have them. */
    private static int fill(TrialCluster cluster) throws IOException {
        for (TrialNode primary : cluster.primaries()) {
            String tag = TrialCluster.tagOf(primary);
            assertThat(Slot.of(tag.getBytes(StandardCharsets.US_ASCII))).isBetween(0, Slot.COUNT - 1);
            try (Connection connection = primary.connect()) {
                for (int i = 0; i < KEYS; i++) {
                    connection.call("SET", tag + i, "value " + i);
                }
                assertThat(connection.call("WAIT", 1, SECONDS * 1000).text()).isEqualTo("1");
            }
        }
        return KEYS * cluster.primaries().size();
    }

    /** How many keys a real redis-server finds in an RDB. */
    private int keysInRedis(Path rdb) throws IOException {
        int port = PortRange.free(1);
        Process process = new ProcessBuilder("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1",
                "--save", "", "--dir", rdb.getParent().toString(), "--dbfilename", rdb.getFileName().toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("load-" + port + ".log").toFile()).start();
        try {
            String text = Integer.toString(port);
            assertThat(Deadline.inSeconds(SECONDS).await(() -> answersPing(text))).as("redis-server reads " + rdb).isTrue();
            return Integer.parseInt(RedisTools.cli(folder, "-p", text, "DBSIZE").strip());
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }

    private boolean answersPing(String port) {
        try {
            return RedisTools.cli(folder, "-p", port, "PING").strip().equals("PONG");
        } catch (IOException _) {
            return false;
        }
    }
}
