package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.node.embedded.EmbeddedCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The tools of Redis, as real processes, at a cluster of three and at one node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisToolsTest {

    private static final int SECONDS_MAX = 60;

    @TempDir
    private Path folder;

    private EmbeddedCluster cluster;
    private String port;

    /** What a process left behind; both its outputs are one. */
    private record Run(int status, String output) {}

    @BeforeAll
    void start() {
        assumeTrue(Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "redis-benchmark"))), "redis-tools are not installed");
        cluster = EmbeddedCluster.start(3);
        port = Integer.toString(cluster.node(0).port());
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private Run run(String input, String... command) {
        try {
            Path in = Files.writeString(folder.resolve("in"), input);
            Path out = folder.resolve("out");
            Process process = new ProcessBuilder(command).redirectInput(in.toFile()).redirectOutput(out.toFile())
                    .redirectErrorStream(true).start();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(List.of(command) + " did not end: " + Files.readString(out));
            }
            return new Run(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private Run cli(String input, String... options) {
        List<String> command = new ArrayList<>(List.of("redis-cli", "-p", port));
        command.addAll(List.of(options));
        return run(input, command.toArray(String[]::new));
    }

    @Test
    void redisCliFollowsRedirections() {
        StringBuilder requests = new StringBuilder("FLUSHALL\n");
        for (int i = 0; i < 100; i++) {
            requests.append("SET key:").append(i).append(" \"value ").append(i).append("\"\nGET key:")
                    .append(i).append('\n');
        }
        Run run = cli(requests.toString(), "-c");
        assertThat(run.status()).isZero();
        List<String> lines = run.output().lines().filter(line -> !line.startsWith("-> Redirected")).toList();
        assertThat(lines).hasSize(201);
        for (int i = 0; i < 100; i++) {
            assertThat(lines.get(1 + 2 * i)).isEqualTo("OK");
            assertThat(lines.get(2 + 2 * i)).isEqualTo("value " + i);
        }
        assertThat(cli("GET key:1\nGET key:2\nGET key:3\nGET key:4\n").output()).contains("MOVED ");
        assertThat(cli("MGET a b\n", "-c").output()).contains("CROSSSLOT Keys in request don't hash to the same slot");
        assertThat(cli("MSET {x}a 1 {x}b 2\nMGET {x}a {x}b\n", "-c").output()).contains("OK", "1\n2");
    }

    @Test
    void redisCliSpeaksResp3() {
        assertThat(cli("CONFIG GET maxmemory\nINFO keyspace\n", "-3").output()).contains("maxmemory 0");
        assertThat(cli("DEBUG PROTOCOL map\nHELLO\n", "-3", "--no-raw").output()).contains("\"proto\" => (integer) 3");
    }

    @Test
    void redisCliFindsTheClusterInOrder() {
        Run check = cli("", "--cluster", "check", "127.0.0.1:" + port);
        assertThat(check.output()).contains(
                "[OK] All nodes agree about slots configuration.", "[OK] All 16384 slots covered.")
                .doesNotContain("[ERR]").doesNotContain("[WARNING]");
        assertThat(check.status()).isZero();
        Run info = cli("", "--cluster", "info", "127.0.0.1:" + port);
        assertThat(info.output()).contains(" keys in 3 masters.");
        Run call = cli("", "--cluster", "call", "127.0.0.1:" + port, "PING");
        assertThat(call.output().lines().filter(line -> line.endsWith(": PONG"))).hasSize(3);
    }

    private void assertIsSnapshot(Path file, int keys) {
        Run check = run("", "redis-check-rdb", file.toString());
        assertThat(check.output()).contains("RDB looks OK!").contains("] " + keys + " keys read");
        assertThat(check.status()).isZero();
    }

    @Test
    void redisCliFetchesASnapshot() {
        try (TestNode node = TestNode.start("--repl-diskless-sync-delay", "0")) {
            String one = Integer.toString(node.port());
            run("DEBUG POPULATE 1000\n", "redis-cli", "-p", one);
            Path file = folder.resolve("snapshot.rdb");
            Run fetched = run("", "redis-cli", "-p", one, "--rdb", file.toString());
            assertThat(fetched.output()).contains("Transfer finished with success");
            assertThat(fetched.status()).isZero();
            assertIsSnapshot(file, 1000);
            Path functions = folder.resolve("functions.rdb");
            run("", "redis-cli", "-p", one, "--functions-rdb", functions.toString());
            assertIsSnapshot(functions, 0);
        }
    }

    @Test
    void redisCliBacksUpACluster() throws IOException {
        cli("FLUSHALL\n", "-c");
        cli("", "--cluster", "call", "127.0.0.1:" + port, "FLUSHALL");
        cli("SET {a}1 1\nSET {a}2 2\nSET {a}3 3\n", "-c");
        Path backup = Files.createDirectory(folder.resolve("backup"));
        Run run = cli("", "--cluster", "backup", "127.0.0.1:" + port, backup.toString());
        assertThat(run.output()).contains("Transfer finished with success").contains("[OK] Backup created into: " + backup);
        assertThat(run.status()).isZero();
        try (Stream<Path> files = Files.list(backup)) {
            List<Path> snapshots = files.filter(file -> file.toString().endsWith(".rdb")).toList();
            assertThat(snapshots).hasSize(3);
            assertThat(snapshots.stream().map(file -> run("", "redis-check-rdb", file.toString()).output()).toList())
                    .allMatch(output -> output.contains("RDB looks OK!")).anyMatch(output -> output.contains("] 3 keys read"));
        }
    }

    @Test
    void redisCliListensToTheStream() throws IOException, InterruptedException {
        try (TestNode node = TestNode.start("--repl-diskless-sync-delay", "0")) {
            Path out = folder.resolve("stream");
            Process listening = new ProcessBuilder("redis-cli", "-p", Integer.toString(node.port()), "--replica")
                    .redirectErrorStream(true).redirectOutput(out.toFile()).start();
            try {
                await().until(() -> Files.readString(out).contains("sending REPLCONF ACK 0"));
                run("SET a 1\nEXPIRE a 100\n", "redis-cli", "-p", Integer.toString(node.port()));
                await().until(() -> Files.readString(out).contains("\"PEXPIREAT\",\"a\","));
                assertThat(Files.readString(out)).contains("\"SET\",\"a\",\"1\"");
            } finally {
                listening.destroy();
                listening.waitFor();
            }
        }
    }

    @Test
    void redisBenchmarkEndsWithoutAnError() {
        Run run = run("", "redis-benchmark", "-p", port, "--cluster", "-n", "20000", "-P", "16", "-c", "20", "-t",
                "set,get,incr", "-r", "1000", "-q");
        assertThat(run.output()).contains("Cluster has 3 master nodes:")
                .containsPattern("SET: \\d+\\.\\d\\d requests per second")
                .containsPattern("GET: \\d+\\.\\d\\d requests per second")
                .containsPattern("INCR: \\d+\\.\\d\\d requests per second").doesNotContainIgnoringCase("error");
        assertThat(run.status()).isZero();
    }

    @Test
    void theOtherModesOfRedisCliWork() {
        try (TestNode node = TestNode.start()) {
            String one = Integer.toString(node.port());
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                requests.append("*3\r\n$3\r\nSET\r\n$5\r\nk").append(1000 + i).append("\r\n$2\r\nvv\r\n");
            }
            assertThat(run(requests.toString(), "redis-cli", "-p", one, "--pipe").output())
                    .contains("errors: 0, replies: 1000");
            assertThat(run("", "redis-cli", "-p", one, "DBSIZE").output()).isEqualTo("1000\n");
            assertThat(run("", "redis-cli", "-p", one, "--scan", "--pattern", "k11??").output().lines()).hasSize(100);
            assertThat(run("", "redis-cli", "-p", one, "--bigkeys").output())
                    .contains("Sampled 1000 keys in the keyspace!", "1000 strings with 2000 bytes");
            assertThat(run("", "redis-cli", "-p", one, "--memkeys").output()).contains("Sampled 1000 keys in the keyspace!");
            assertThat(run("", "redis-cli", "-p", one, "-x", "SET", "from-stdin").output()).isEqualTo("OK\n");
            assertThat(run("", "redis-cli", "-p", one, "-r", "3", "-i", "0", "INCR", "n").output()).isEqualTo("1\n2\n3\n");
            assertThat(run("", "redis-cli", "-p", one, "--latency", "--raw", "-i", "0.1").output()).isNotBlank();
        }
    }

    @Test
    void aUnixSocketServesClientsOfThisMachine() {
        String path = folder.resolve("s").toString();
        try (TestNode node = TestNode.start("--unixsocket", path, "--unixsocketperm", "700")) {
            assertThat(run("", "redis-cli", "-s", path, "SET", "a", "1").output()).isEqualTo("OK\n");
            assertThat(run("", "redis-cli", "-p", Integer.toString(node.port()), "GET", "a").output()).isEqualTo("1\n");
            assertThat(run("", "redis-cli", "-s", path, "CLIENT", "INFO").output())
                    .contains(" addr=" + path + ":0 ", " laddr=" + path + ":0 ", " flags=U ");
        }
        assertThat(Path.of(path)).doesNotExist();
    }
}
