package io.granary.node.config;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken configurations, refused by redis-server and by us in the same words. */
class RefusedConfigurationTest {
    private static final int AT_ONCE = 8;

    private static final String[] FILES = {
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
    };
    private static final String[] ARGUMENTS = {
            "--port abc", "--bogus 1", "--bogus", "--port", "--port 1 2", "--save --port x",
            "--timeout 1 --port -2", "--save 1 --port 3", "--appendonly perhaps", "--maxmemory 1kx",
            "n.conf --port", "--port=7"
    };

    @TempDir
    private Path folder;

    @Test
    void brokenFilesAreRefusedInTheWordsOfRedis() throws Exception {
        Map<String, List<String>> runs = new LinkedHashMap<>();
        for (String text : FILES) {
            Path file = Files.writeString(folder.resolve(runs.size() + ".conf"), text);
            runs.put(text, List.of(file.toString()));
        }
        compare(runs);
    }

    @Test
    void brokenArgumentsAreRefusedInTheWordsOfRedis() throws Exception {
        Path file = Files.writeString(folder.resolve("n.conf"), "hz 10\n");
        Map<String, List<String>> runs = new LinkedHashMap<>();
        for (String line : ARGUMENTS) {
            runs.put(line, List.of(line.replace("n.conf", file.toString()).split(" ")));
        }
        compare(runs);
    }

    private void compare(Map<String, List<String>> runs) throws Exception {
        assumeTrue(RedisServer.isInstalled(), "redis-server is not installed");
        SoftAssertions softly = new SoftAssertions();
        try (ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE)) {
            Map<String, Future<RedisServer.Run>> started = new LinkedHashMap<>();
            for (Map.Entry<String, List<String>> run : runs.entrySet()) {
                Path own = Files.createTempDirectory(folder, "run");
                started.put(run.getKey(), pool.submit(() -> RedisServer.refusing(own, run.getValue())));
            }
            for (Map.Entry<String, Future<RedisServer.Run>> run : started.entrySet()) {
                RedisServer.Run redis = run.getValue().get();
                softly.assertThat(redis.status()).as(run.getKey()).isEqualTo(1);
                softly.assertThat(ours(runs.get(run.getKey()))).as(run.getKey())
                        .isEqualTo(redis.errors().replaceFirst("\\(Redis [0-9.]+\\)", "(Redis 7.4.1)"));
            }
        }
        softly.assertAll();
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
