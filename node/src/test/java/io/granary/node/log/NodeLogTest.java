package io.granary.node.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.config.BadValueException;
import io.granary.node.config.Configuration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeLogTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private String written() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String line(String zone, long timeMs) {
        StringBuilder line = new StringBuilder();
        new RedisLine(47, TimeZone.getTimeZone(zone)).append(line, timeMs, 'M', LogLevel.NOTICE, "Hi");
        return line.toString();
    }

    @Test
    void aLineLooksAsInRedis() {
        assertThat(line("UTC", 1_795_342_868_123L)).isEqualTo("47:M 22 Nov 2026 10:21:08.123 * Hi\n");
        assertThat(line("Asia/Tokyo", 1_795_392_001_005L)).isEqualTo("47:M 23 Nov 2026 09:00:01.005 * Hi\n");
        assertThat(line("UTC", 0)).isEqualTo("47:M 01 Jan 1970 00:00:00.000 * Hi\n");
    }

    @Test
    void levelsHaveTheSignsOfRedisAndThoseBelowTheThresholdAreLeftOut() throws BadValueException {
        Configuration configuration = Configuration.of("--loglevel", "verbose");
        NodeLog log = NodeLog.open(configuration, out);
        logAll(log);
        assertThat(written()).containsSubsequence(" - verbose\n", " * notice\n", " # warning\n").doesNotContain("debug");
        out.reset();
        configuration.set(List.of("loglevel", "debug"), false);
        logAll(log);
        assertThat(written()).contains(" . debug\n");
        assertThat(log.isDebug()).isTrue();
        out.reset();
        configuration.set(List.of("loglevel", "nothing"), false);
        logAll(log);
        assertThat(written()).isEmpty();
    }

    private static void logAll(NodeLog log) {
        log.debug("debug");
        log.verbose("verbose");
        log.notice("notice");
        log.warning("warning");
    }

    @Test
    void theRoleIsShown() {
        NodeLog log = NodeLog.open(Configuration.initial(), out);
        log.notice("a");
        log.role('S');
        log.notice("b");
        long pid = ProcessHandle.current().pid();
        assertThat(written().lines()).satisfiesExactly(
                line -> assertThat(line).startsWith(pid + ":C "), line -> assertThat(line).startsWith(pid + ":S "));
    }

    @Test
    void aDefectComesWithItsTrace() {
        NodeLog.open(Configuration.initial(), out).warning("Broken", new IllegalStateException("why"));
        assertThat(written()).contains("# Broken\njava.lang.IllegalStateException: why\n", "NodeLogTest");
    }

    @Test
    void bracesAreNoPlaceholders() {
        NodeLog.open(Configuration.initial(), out).notice("key {user1} {}");
        assertThat(written()).endsWith("* key {user1} {}\n");
    }

    @Test
    void jsonIsOneObjectALine() {
        StringBuilder line = new StringBuilder();
        new JsonLine(47).append(line, 1_795_342_868_123L, 'S', LogLevel.WARNING, "a \"b\"\\\n\t\u0001é\uD83C\uDF30");
        assertThat(line).hasToString("{\"time\":\"2026-11-22T10:21:08.123Z\",\"pid\":47,\"role\":\"replica\","
                + "\"level\":\"warning\",\"message\":\"a \\\"b\\\"\\\\\\n\\t\\u0001é\\ud83c\\udf30\"}\n");
        NodeLog.open(Configuration.of("--log-format", "json"), out).notice("x");
        assertThat(written()).startsWith("{\"time\"")
                .endsWith("\"role\":\"starting\",\"level\":\"notice\",\"message\":\"x\"}\n");
    }

    @Test
    void aFileThatWasMovedAwayIsBegunAnew() throws IOException {
        NodeLog log = NodeLog.open(Configuration.of("--dir", folder.toString(), "--logfile", "n.log"), out);
        log.notice("one");
        Files.move(folder.resolve("n.log"), folder.resolve("n.log.1"));
        log.notice("two");
        assertThat(Files.readString(folder.resolve("n.log.1"))).endsWith("* one\n");
        assertThat(Files.readString(folder.resolve("n.log"))).endsWith("* two\n").doesNotContain("one");
        assertThat(out.size()).isZero();
    }

    @Test
    void twoNodesDoNotShareALog() {
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        NodeLog loud = NodeLog.open(Configuration.of("--loglevel", "debug"), out);
        NodeLog quiet = NodeLog.open(Configuration.of("--loglevel", "warning"), other);
        loud.debug("x");
        quiet.notice("y");
        assertThat(written()).endsWith(". x\n");
        assertThat(other.size()).isZero();
    }
}
