package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken configurations, refused by redis-server and by us in the same words. */
class RefusedConfigurationTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {
            "port abc", "port 70000", "port -1", "port", "port 1 2", "port \"\"", "port 07", "# fine\n\n  timeout  x  ",
            "appendonly maybe", "appendonly", "nonsense", "nonsense 1", "\"nonsense\" 1", "port \"1", "port '1'2",
            "maxmemory 1x", "maxmemory -1", "proto-max-bulk-len 1", "client-query-buffer-limit 1023k",
            "maxmemory-clients 101%", "maxmemory-clients x%", "maxclients 0", "maxclients 4294967296",
            "unixsocketperm 9", "unixsocketperm 1000", "hz x", "databases 0", "slowlog-log-slower-than -2",
            "maxmemory-policy lru", "appendfsync sometimes", "cluster-preferred-endpoint-type dns",
            "shutdown-on-sigterm save nosave", "shutdown-on-sigterm x", "shutdown-on-sigint \"\"",
            "save 1", "save x 1", "save 0 1", "save 1 -1", "save 1 1 1",
            "client-output-buffer-limit x 0 0 0", "client-output-buffer-limit master 0 0 0",
            "client-output-buffer-limit normal 0 0", "client-output-buffer-limit normal 0x 0 0",
            "client-output-buffer-limit normal 0 0 -1",
            "oom-score-adj-values 1 2", "oom-score-adj-values 1 2 2001", "oom-score-adj-values a b c",
            "notify-keyspace-events Q", "replicaof a", "replicaof a 70000", "replicaof a 1\ncluster-enabled yes",
            "latency-tracking-info-percentiles 101", "latency-tracking-info-percentiles x",
            "latency-tracking-info-percentiles 1e2d", "bind 1 2 3 4 5 6 7 8 9 a b c d e f g h",
            "dir /nowhere", "dir", "dir a b", "logfile /nowhere/log", "dbfilename a/b", "appendfilename a/b",
            "appendfilename \"\"", "appenddirname \"\"", "appenddirname a/b", "cluster-announce-hostname a_b",
            "proc-title-template {x}", "proc-title-template \"\"", "list-max-ziplist-entries", "rename-command a",
            "include", "sentinel monitor a", "x.y", "slave-priority -1", "lua-time-limit x"
    })
    void aBrokenFileIsRefusedInTheWordsOfRedis(String text) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("n.conf"), text);
        compare(List.of(file.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port abc", "--bogus 1", "--bogus", "--port", "--port 1 2", "--save --port x",
            "--timeout 1 --port -2", "--save 1 --port 3", "--appendonly perhaps", "--maxmemory 1kx",
            "n.conf --port", "--port=7"})
    void brokenArgumentsAreRefusedInTheWordsOfRedis(String line) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("n.conf"), "hz 10\n");
        compare(List.of(line.replace("n.conf", file.toString()).split(" ")));
    }

    private void compare(List<String> arguments) throws IOException, InterruptedException {
        assumeTrue(RedisServer.isInstalled(), "redis-server is not installed");
        RedisServer.Run redis = RedisServer.refusing(folder, arguments);
        assertThat(redis.status()).isEqualTo(1);
        assertThat(ours(arguments)).isEqualTo(redis.errors().replaceFirst("\\(Redis [0-9.]+\\)", "(Redis 7.4.1)"));
    }

    private static String ours(List<String> arguments) {
        try {
            Configuration.of(ServerArguments.of(arguments.toArray(String[]::new)), InputStream.nullInputStream());
            return "accepted";
        } catch (ConfigFileException refused) {
            return refused.report("7.4.1");
        }
    }
}
