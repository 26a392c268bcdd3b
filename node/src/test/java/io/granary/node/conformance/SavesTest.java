package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.granary.node.process.Shutdown.Wish;
import io.granary.slots.transcript.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The data goes to the file and comes back, here and from and to redis-server. */
@Timeout(60)
class SavesTest {

    private static final String MISCONF = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to "
            + "persist to disk. Commands that may modify the data set are disabled, because this instance is configured to "
            + "report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the "
            + "Redis logs for details about the RDB error.";

    @TempDir
    private Path folder;

    private static String persistence(Connection client, String field) {
        for (String line : client.ask("INFO", "persistence").text().split("\r\n")) {
            if (line.startsWith(field + ":")) {
                return line.substring(field.length() + 1);
            }
        }
        return "";
    }

    private static void fill(Connection client, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 120; i++) {
            client.ask("SELECT", Integer.toString(random.nextInt(4)));
            String key = "k" + random.nextInt(60);
            client.ask("SET", key, random.nextInt(3) == 0 ? Long.toString(random.nextLong() >> random.nextInt(64))
                    : ("v" + random.nextInt(3)).repeat(random.nextInt(200)));
            if (random.nextInt(3) == 0) {
                client.ask("PEXPIREAT", key, Long.toString(4_000_000_000_000L + random.nextInt(1000)));
            }
        }
        client.ask("SELECT", "0");
    }

    private LiveServer start(LiveServer.Kind kind, String... more) {
        String[] directives = new String[more.length + 2];
        directives[0] = "--dir";
        directives[1] = folder.toString();
        System.arraycopy(more, 0, directives, 2, more.length);
        return kind.start(directives);
    }

    private static String digest(LiveServer server) {
        try (Connection client = server.connect()) {
            return client.ask("DEBUG", "DIGEST").text();
        }
    }

    private String saved(LiveServer.Kind kind, long seed) {
        try (LiveServer server = start(kind); Connection client = server.connect()) {
            fill(client, seed);
            assertThat(client.ask("SAVE").text()).isEqualTo("OK");
            return digest(server);
        }
    }

    @Test
    void whatIsSavedIsThereAfterTheNextStart() {
        String digest = saved(LiveServer.Kind.GRANARY, 1);
        try (LiveServer again = start(LiveServer.Kind.GRANARY)) {
            assertThat(digest(again)).isEqualTo(digest);
        }
    }

    @ParameterizedTest
    @EnumSource
    void withSavePointsTheFileDoesNotOutliveAFlushall(LiveServer.Kind kind) {
        try (LiveServer server = start(kind, "--save", "3600 1000000"); Connection client = server.connect()) {
            fill(client, 1);
            client.ask("SAVE");
            Path file = folder.resolve("dump.rdb");
            long full = file.toFile().length();
            client.ask("FLUSHALL");
            await().untilAsserted(() -> assertThat(file.toFile().length()).isPositive().isLessThan(Math.min(full, 300)));
            assertThat(client.ask("DBSIZE").text()).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @EnumSource
    void flushallGivesUpWhatIsBeingSaved(LiveServer.Kind kind) {
        try (LiveServer server = start(kind, "--save", ""); Connection client = server.connect()) {
            for (int i = 0; i < 100; i++) {
                client.ask("SET", "k" + i, "v");
            }
            assertThat(client.ask("CONFIG", "SET", "rdb-key-save-delay", "1000000").text()).isEqualTo("OK");
            client.ask("BGSAVE");
            assertThat(persistence(client, "rdb_bgsave_in_progress")).isEqualTo("1");
            assertThat(client.ask("FLUSHALL").text()).isEqualTo("OK");
            await().until(() -> persistence(client, "rdb_bgsave_in_progress").equals("0"));
            assertThat(folder.resolve("dump.rdb")).doesNotExist();
            assertThat(Integer.parseInt(persistence(client, "rdb_changes_since_last_save"))).isGreaterThanOrEqualTo(200);
            assertThat(client.ask("SET", "k", "v").text()).isEqualTo("OK");
            client.ask("CONFIG", "SET", "rdb-key-save-delay", "0");
            assertThat(client.ask("SAVE").text()).isEqualTo("OK");
        }
    }

    @Test
    void aFileOfRedisIsLoaded() {
        String digest = saved(LiveServer.Kind.REDIS, 2);
        try (LiveServer ours = start(LiveServer.Kind.GRANARY); Connection client = ours.connect()) {
            assertThat(digest(ours)).isEqualTo(digest);
            assertThat(persistence(client, "rdb_last_load_keys_loaded")).isNotEqualTo("0");
        }
    }

    /** Redis 7.0 refuses version 11, though it would understand all of it: the number alone is changed for it. */
    @Test
    void redisLoadsOurFile() throws IOException {
        String digest = saved(LiveServer.Kind.GRANARY, 3);
        Path file = folder.resolve("dump.rdb");
        byte[] content = Files.readAllBytes(file);
        assertThat(new String(content, 0, 9)).isEqualTo("REDIS0011");
        content[8] = '0';
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putLong(content.length - Long.BYTES, 0);
        Files.write(file, content);
        Process check = new ProcessBuilder("redis-check-rdb", file.toString()).redirectErrorStream(true).start();
        try (var output = check.inputReader()) {
            assertThat(output.lines()).anyMatch(line -> line.contains("RDB looks OK!"));
        }
        try (LiveServer theirs = start(LiveServer.Kind.REDIS)) {
            assertThat(digest(theirs)).isEqualTo(digest);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBackgroundSaveIsToldOf(LiveServer.Kind kind) {
        try (LiveServer server = start(kind, "--rdb-key-save-delay", "20000"); Connection client = server.connect()) {
            for (int i = 0; i < 20; i++) {
                client.ask("SET", "k" + i, "v");
            }
            assertThat(persistence(client, "rdb_changes_since_last_save")).isEqualTo("20");
            assertThat(client.ask("BGSAVE").text()).isEqualTo("Background saving started");
            assertThat(persistence(client, "rdb_bgsave_in_progress")).isEqualTo("1");
            assertThat(client.ask("BGSAVE").text()).isEqualTo("ERR Background save already in progress");
            assertThat(client.ask("BGSAVE", "SCHEDULE").text()).isEqualTo("ERR Background save already in progress");
            assertThat(client.ask("SAVE").text()).isEqualTo("ERR Background save already in progress");
            client.ask("SET", "after", "the cut");
            assertThat(client.ask("BGSAVE", "NOSUCH").text()).isEqualTo("ERR syntax error");
            await().until(() -> persistence(client, "rdb_bgsave_in_progress").equals("0"));
            assertThat(persistence(client, "rdb_changes_since_last_save")).isEqualTo("1");
            assertThat(persistence(client, "rdb_last_bgsave_status")).isEqualTo("ok");
            assertThat(persistence(client, "rdb_saves")).isEqualTo("1");
            assertThat(Long.parseLong(client.ask("LASTSAVE").text()))
                    .isEqualTo(Long.parseLong(persistence(client, "rdb_last_save_time")));
            assertThat(folder.resolve("dump.rdb")).exists();
        }
    }

    @ParameterizedTest
    @EnumSource
    void inATransactionABackgroundSaveIsScheduled(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect()) {
            client.ask("MULTI");
            assertThat(client.ask("SAVE").text()).isEqualTo("ERR Command not allowed inside a transaction");
            client.ask("DISCARD");
            client.ask("MULTI");
            client.ask("BGSAVE");
            assertThat(client.ask("EXEC").toString()).contains("Background saving scheduled");
            await().until(() -> Files.exists(folder.resolve("dump.rdb")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSavePointSaves(LiveServer.Kind kind) {
        try (LiveServer server = start(kind, "--save", "1 2"); Connection client = server.connect()) {
            client.ask("SET", "a", "1");
            client.ask("SET", "b", "1");
            await().until(() -> Files.exists(folder.resolve("dump.rdb")));
            await().until(() -> persistence(client, "rdb_changes_since_last_save").equals("0"));
        }
    }

    /** The folder is not there any more: clients hear that what they write would not last. */
    @ParameterizedTest
    @EnumSource
    void whileSavesFailNobodyWrites(LiveServer.Kind kind) throws IOException {
        Path gone = Files.createDirectory(folder.resolve("gone"));
        try (LiveServer server = kind.start("--dir", gone.toString(), "--save", "3600 1000");
                Connection client = server.connect()) {
            Files.delete(gone);
            assertThat(client.ask("BGSAVE").text()).isEqualTo("Background saving started");
            await().until(() -> persistence(client, "rdb_last_bgsave_status").equals("err"));
            assertThat(client.ask("SET", "a", "1").text()).isEqualTo(MISCONF);
            assertThat(client.ask("PING").text()).isEqualTo(MISCONF);
            assertThat(client.ask("EXISTS", "a").text()).isEqualTo("0");
            client.ask("MULTI");
            assertThat(client.ask("SET", "a", "1").text()).isEqualTo(MISCONF);
            assertThat(client.ask("EXEC").text()).startsWith("EXECABORT");
            client.configure("stop-writes-on-bgsave-error", "no");
            assertThat(client.ask("SET", "a", "1").text()).isEqualTo("OK");
            client.configure("stop-writes-on-bgsave-error", "yes");
            assertThat(client.ask("SET", "a", "1").text()).isEqualTo(MISCONF);
            client.configure("save", "");
            assertThat(client.ask("SET", "a", "1").text()).isEqualTo("OK");
            assertThat(client.ask("SAVE").text()).isEqualTo("ERR");
        }
    }

    @Test
    void aNodeThatEndsSavesFirstIfItHasSavePoints() {
        try (TestNode node = (TestNode) start(LiveServer.Kind.GRANARY, "--save", "3600 1");
                Connection client = node.connect()) {
            client.ask("SET", "a", "1");
            assertThat(node.node().conclude(Wish.of("", () -> { }))).isTrue();
            assertThat(folder.resolve("dump.rdb")).exists();
            assertThat(node.log()).contains("Saving the final RDB snapshot before exiting.", "DB saved on disk");
        }
    }

    @Test
    void whatIsNotToBeSavedIsNot() {
        try (TestNode node = (TestNode) start(LiveServer.Kind.GRANARY, "--save", "3600 1");
                Connection client = node.connect()) {
            client.ask("SET", "a", "1");
            assertThat(node.node().conclude(Wish.of("nosave", () -> { }))).isTrue();
            assertThat(folder.resolve("dump.rdb")).doesNotExist();
        }
    }

    @Test
    void aNodeThatCannotSaveGoesOn() throws IOException {
        Path gone = Files.createDirectory(folder.resolve("gone"));
        try (TestNode node = TestNode.start("--dir", gone.toString(), "--save", ""); Connection client = node.connect()) {
            Files.delete(gone);
            assertThat(node.node().conclude(Wish.of("save", () -> { }))).isFalse();
            assertThat(client.ask("SET", "a", "1").text()).isEqualTo("OK");
            assertThat(node.log()).contains("Failed opening the temp RDB file", "No such file or directory",
                    "Error trying to save the DB, can't exit.");
            assertThat(node.node().conclude(Wish.of("save force", () -> { }))).isTrue();
        }
    }

    @Test
    void nothingIsAcknowledgedThatTheLastSaveLacks() throws Exception {
        for (int round = 0; round < 5; round++) {
            Files.deleteIfExists(folder.resolve("dump.rdb"));
            long[] acknowledged = new long[1];
            TestNode node = (TestNode) start(LiveServer.Kind.GRANARY, "--save", "3600 1");
            try (Connection client = node.connect()) {
                CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                    // ends with the connection
                    for (long i = 1; client.ask("SET", "a", Long.toString(i)).text().equals("OK"); i++) {
                        acknowledged[0] = i;
                    }
                });
                await().until(() -> acknowledged[0] > 100);
                assertThat(node.node().conclude(Wish.of("", () -> { }))).isTrue();
                node.close();
                assertThatThrownBy(writing::join).isInstanceOf(Exception.class);
            }
            try (LiveServer again = start(LiveServer.Kind.GRANARY); Connection client = again.connect()) {
                assertThat(Long.parseLong(client.ask("GET", "a").text())).isEqualTo(acknowledged[0]);
            }
        }
    }
}
