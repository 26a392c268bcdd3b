package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.resp.Frame;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same CONFIG commands given to redis-server and to a configuration of ours. */
class ConfigAgainstRedisTest {
    /** Values that are right for some directives and wrong for others, in each other's borders. */
    private static final String[] ODD_VALUES = {
            "", "0", "1", "2", "-1", "-2", "7", "99", "100", "101", "007", "+1", " 1", "1.5", "65535", "65536",
            "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
            "1kb", "1K", "2mB", "1g", "1x", "kb", "5%", "100%", "101%", "-5%", "%", "yes", "YES", "no", "true", "text",
            "two words", "60 1", "60  1", "60 1 300", "0 200 800", "normal 1kb 2 3", "slave 1 2 3 replica 4 5 6",
            "pubsub 1 2", "KEA", "g$lshzxeKEtmd", "AKEm", "gn", "xQ", "50 99.999 0.1234567", "100.1", "inf", "nan", "1e1",
            "allkeys-lru", "Volatile-TTL", "always", "everysec", "save", "save nosave", "now force", "force save now",
            "default save", "ip", "hostname", "HOSTNAME", "host.example", "clients", "swapdb", "optional", "absolute",
            "relative", "allchannels", "ignore", "panic", "a/b", "{title} x", "{{x"
    };
    /** What would move the server away from the test, needs files, or depends on the machine. */
    private static final Set<String> UNTRIED = Set.of(
            "port", "bind", "tls-port", "maxclients", "requirepass", "appendonly", "jemalloc-bg-thread", "activedefrag",
            "oom-score-adj", "oom-score-adj-values", "watchdog-period", "locale-collate", "proc-title-template",
            "loading-process-events-interval-bytes", "rdb-key-save-delay", "key-load-delay", "crash-log-enabled",
            "client-query-buffer-limit", "proto-max-bulk-len",
            // Its range is smaller since 7.4; these two need certificates to be set.
            "maxmemory-samples", "tls-cluster", "tls-replication");

    /** A value that is ours from the start on purpose: a replica serves what it has until it has better. */
    private static final String[] OF_OUR_OWN = {"--repl-diskless-load", "swapdb"};

    @TempDir
    private Path folder;

    private Configuration ours;

    private RedisServer start(String... arguments) throws IOException {
        assumeTrue(RedisServer.isInstalled(), "redis-server is not installed");
        return RedisServer.start(folder, Files.writeString(folder.resolve("redis.conf"), ""), arguments);
    }

    private static Map<String, String> get(RedisServer redis, String pattern) {
        List<Frame> items = ((Frame.Array) redis.ask("CONFIG", "GET", pattern)).items();
        Map<String, String> values = new TreeMap<>();
        for (int i = 0; i < items.size(); i += 2) {
            values.put(((Frame.Bulk) items.get(i)).text(), ((Frame.Bulk) items.get(i + 1)).text());
        }
        return values;
    }

    private String setOurs(String name, String value) {
        try {
            ours.set(List.of(name, value), false);
            return "OK";
        } catch (BadValueException refused) {
            return "ERR " + refused.getMessage();
        }
    }

    private static String set(RedisServer redis, String name, String value) {
        return switch (redis.ask("CONFIG", "SET", name, value)) {
            case Frame.ErrorFrame error -> error.message();
            case Frame.SimpleString status -> status.text();
            case Frame other -> other.toString();
        };
    }

    @Test
    void allNamesOfRedisAreKnownWithItsInitialValues() throws IOException {
        try (RedisServer redis = start(OF_OUR_OWN)) {
            Map<String, String> theirs = get(redis, "*");
            ours = Configuration.of("--bind", "127.0.0.1", "--port", theirs.get("port"), "--dir", folder.toString(),
                    "--io-threads", "1");
            Map<String, String> mine = ours.matching(List.of("*"));
            // Hidden since 7.2; and what depends on the limits of the machine and on how redis-server was built.
            theirs.keySet().removeAll(Set.of("aof-disable-auto-gc", "maxclients", "jemalloc-bg-thread"));
            assertThat(mine.keySet()).containsAll(theirs.keySet());
            assertThat(mine).containsAllEntriesOf(theirs);
        }
    }

    @Test
    void oddValuesAreTakenAndRefusedInTheWordsOfRedis() throws IOException {
        try (RedisServer redis = start("--enable-protected-configs", "no", OF_OUR_OWN[0], OF_OUR_OWN[1])) {
            ours = Configuration.of("--dir", folder.toString(), "--io-threads", "1");
            SoftAssertions softly = new SoftAssertions();
            for (String name : new TreeSet<>(get(redis, "*").keySet())) {
                if (!UNTRIED.contains(name)) {
                    tryAll(redis, name, softly);
                }
            }
            softly.assertAll();
        }
    }

    private void tryAll(RedisServer redis, String name, SoftAssertions softly) {
        List<String> values = new ArrayList<>(List.of(ODD_VALUES));
        if (name.startsWith("tls-") || name.equals("latency-tracking-info-percentiles")) {
            // Files that do not exist, and a server of 7.0 that forgets its percentiles when it refuses new ones.
            values.retainAll(Set.of("yes", "no", "", "1", "50 99.999 0.1234567"));
        }
        for (String value : values) {
            String theirs = set(redis, name, value).replace(", warning", ", warning, nothing");
            softly.assertThat(setOurs(name, value)).as("%s '%s'", name, value).isEqualTo(theirs);
            softly.assertThat(ours.matching(List.of(name)).get(name)).as("%s after '%s'", name, value)
                    .isEqualTo(get(redis, name).get(name));
        }
    }

    @Test
    void aFileIsRewrittenAsRedisDoes() throws IOException, BadValueException, ConfigFileException {
        assumeTrue(RedisServer.isInstalled(), "redis-server is not installed");
        String text = """
                # first
                MAXMEMORY 1gb


                # second
                slave-read-only no
                hash-max-ziplist-entries 7
                save 60 1
                save 70 2
                notify-keyspace-events KEA
                lua-time-limit 50
                client-output-buffer-limit pubsub 1mb 2k 3
                """;
        Path mine = Files.writeString(folder.resolve("ours.conf"), text);
        Path theirs = Files.writeString(folder.resolve("theirs.conf"), text);
        String[] pairs = {"maxmemory-clients", "5%", "timeout", "9", "appendfsync", "no", "save", "900 9",
                "masterauth", "a\"\\\n\u0001\u00ffz", "proto-max-bulk-len", "3mb", "cluster-announce-ip", "1.2.3.4",
                "shutdown-on-sigint", "now force"};
        try (RedisServer redis = RedisServer.start(folder, theirs, "--dir", folder.toString())) {
            ours = Configuration.of(ServerArguments.of(mine.toString(), "--bind", "127.0.0.1", "--port",
                    get(redis, "port").get("port"), "--dir", folder.toString()), InputStream.nullInputStream());
            for (int i = 0; i < pairs.length; i += 2) {
                assertThat(set(redis, pairs[i], pairs[i + 1])).isEqualTo("OK");
                assertThat(setOurs(pairs[i], pairs[i + 1])).isEqualTo("OK");
            }
            assertThat(redis.ask("CONFIG", "REWRITE")).isEqualTo(new Frame.SimpleString("OK"));
            ours.rewrite();
        }
        // Where new lines go depends on redis-server's hash table; it always names its default user; a limit that stayed
        // as it was is not repeated by us.
        assertThat(rewritten(mine)).isEqualTo(rewritten(theirs));
    }

    private static List<String> rewritten(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> !line.isEmpty() && !line.startsWith("user default "))
                    .filter(line -> !line.startsWith("client-output-buffer-limit") || line.contains("pubsub"))
                    .sorted().toList();
        }
    }
}
