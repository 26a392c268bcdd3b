package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.persistence.rdb.RdbEntry;
import io.granary.persistence.rdb.RdbException;
import io.granary.persistence.rdb.RdbOrigin;
import io.granary.persistence.rdb.RdbReader;
import io.granary.persistence.rdb.RdbVisitor;
import io.granary.persistence.rdb.RdbWriter;
import io.granary.slots.transcript.Connection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and payloads go from Granary to redis-server and back, and mean the same to both. */
class RdbTest {

    /** What redis-server 7.0, the one that tests have, reads at most; strings look the same in it. */
    private static final int VERSION_OF_THE_ORACLE = 10;

    private static final int VALUES = 200;
    private static final long FAR_FUTURE_MS = 4_000_000_000_000L;

    @TempDir
    private Path folder;

    /** Values of all encodings, and their keys; every third expires. */
    private static Map<String, String> values(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, String> values = new TreeMap<>();
        for (int i = 0; i < VALUES; i++) {
            values.put(Integer.toString(i), value(random));
        }
        values.put("key:" + "long ".repeat(100), "v");
        values.put("\0\377\r\n", "\0\377\r\n");
        return values;
    }

    private static String value(SplittableRandom random) {
        int length = random.nextInt(random.nextInt(1, 300));
        return switch (random.nextInt(5)) {
            case 0 -> Long.toString(random.nextLong() >> random.nextInt(Long.SIZE));
            case 1 -> text(random, length, 256, 0);
            case 2 -> text(random, length, 2, 'a');
            case 3 -> "ab c".repeat(length);
            default -> text(random, 200 * length, 4, 'a');
        };
    }

    private static String text(SplittableRandom random, int length, int letters, int first) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) (first + random.nextInt(letters)));
        }
        return text.toString();
    }

    private static boolean expires(String key) {
        return key.hashCode() % 3 == 0;
    }

    private static void payloadsGo(LiveServer from, LiveServer to, String... directive) {
        try (Connection source = from.connect(); Connection target = to.connect()) {
            if (directive.length > 0) {
                source.configure(directive[0], directive[1]);
            }
            values(42).forEach((key, value) -> {
                source.ask("SET", key, value);
                String payload = source.ask("DUMP", key).text();
                assertThat(target.ask("RESTORE", key, "0", payload).text()).as("key %s", key).isEqualTo("OK");
                assertThat(target.ask("GET", key).text()).as("key %s", key).isEqualTo(value);
                assertThat(target.ask("OBJECT", "ENCODING", key)).isEqualTo(source.ask("OBJECT", "ENCODING", key));
            });
        }
    }

    @Test
    void redisTakesOurPayloads() {
        try (LiveServer ours = TestNode.start(); LiveServer theirs = LiveServer.Kind.REDIS.start()) {
            payloadsGo(ours, theirs);
            try (Connection redis = theirs.connect()) {
                redis.ask("FLUSHALL");
            }
            payloadsGo(ours, theirs, "rdbcompression", "no");
        }
    }

    @Test
    void weTakeThePayloadsOfRedis() {
        try (LiveServer ours = TestNode.start(); LiveServer theirs = LiveServer.Kind.REDIS.start()) {
            payloadsGo(theirs, ours);
        }
    }

    @Test
    void aPayloadOfATypeThatIsMissingHereIsRefusedByName() {
        try (LiveServer ours = TestNode.start(); LiveServer theirs = LiveServer.Kind.REDIS.start();
                Connection node = ours.connect(); Connection redis = theirs.connect()) {
            redis.ask("RPUSH", "a", "1");
            assertThat(node.ask("RESTORE", "a", "0", redis.ask("DUMP", "a").text()).text())
                    .isEqualTo("ERR Bad data format: the payload holds a list, a type that this version does not have");
            assertThat(node.ask("EXISTS", "a").text()).isEqualTo("0");
        }
    }

    /** One byte of a sound payload is changed, or its end is missing. */
    @Test
    void weTakeNoDamagedPayload() {
        try (LiveServer ours = TestNode.start(); Connection node = ours.connect()) {
            for (long seed = 0; seed < 300; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                node.ask("SET", "a", value(random));
                StringBuilder payload = new StringBuilder(node.ask("DUMP", "a").text());
                int at = random.nextInt(payload.length());
                if (random.nextBoolean()) {
                    payload.setLength(at);
                } else {
                    payload.setCharAt(at, (char) (payload.charAt(at) ^ 1 << random.nextInt(8)));
                }
                assertThat(node.ask("RESTORE", "b", "0", payload.toString()).text()).as("seed %d", seed)
                        .isEqualTo("ERR DUMP payload version or checksum are wrong");
            }
            assertThat(node.ask("EXISTS", "b").text()).isEqualTo("0");
        }
    }

    private void write(Path file, Map<String, String> values, boolean pack, boolean sum) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                RdbWriter writer = new RdbWriter(channel, VERSION_OF_THE_ORACLE, pack, sum);
                Arena arena = Arena.ofConfined()) {
            writer.begin(new RdbOrigin("7.4.1", 1_700_000_000, 1, null, false));
            writer.database(0, values.size(), values.keySet().stream().filter(RdbTest::expires).count());
            for (Map.Entry<String, String> entry : values.entrySet()) {
                MemorySegment key = bytes(arena, entry.getKey());
                MemorySegment value = bytes(arena, entry.getValue());
                writer.string(key, 0, entry.getKey().length(), value, 0, entry.getValue().length(),
                        expires(entry.getKey()) ? FAR_FUTURE_MS : RdbEntry.NONE);
            }
            writer.end();
        }
    }

    private static MemorySegment bytes(Arena arena, String text) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void redisReadsOurFile(boolean pack, boolean sum) throws IOException {
        Map<String, String> values = values(7);
        write(folder.resolve("dump.rdb"), values, pack, sum);
        try (LiveServer redis = LiveServer.Kind.REDIS.start("--dir", folder.toString());
                Connection client = redis.connect()) {
            assertThat(client.ask("DBSIZE").text()).isEqualTo(Integer.toString(values.size()));
            values.forEach((key, value) -> {
                assertThat(client.ask("GET", key).text()).as("key %s", key).isEqualTo(value);
                assertThat(client.ask("PEXPIRETIME", key).text()).as("key %s", key)
                        .isEqualTo(Long.toString(expires(key) ? FAR_FUTURE_MS : -1));
            });
        }
        Files.delete(folder.resolve("dump.rdb"));
    }

    @Test
    void redisOpensOurFile() throws IOException {
        redisReadsOurFile(true, true);
        redisReadsOurFile(false, false);
    }

    @Test
    void weReadTheFileOfRedis() throws IOException {
        Map<String, String> values = values(8);
        try (LiveServer redis = LiveServer.Kind.REDIS.start("--dir", folder.toString());
                Connection client = redis.connect()) {
            values.forEach((key, value) -> {
                client.ask("SET", key, value);
                if (expires(key)) {
                    client.ask("PEXPIREAT", key, Long.toString(FAR_FUTURE_MS));
                }
            });
            client.ask("RPUSH", "list", "a");
            assertThat(client.ask("SAVE").text()).isEqualTo("OK");
            List<String> unread = read(new TreeMap<>());
            assertThat(unread).hasSize(1).allSatisfy(reason -> assertThat(reason).contains("a list at key 'list'"));
            client.ask("DEL", "list");
            assertThat(client.ask("SAVE").text()).isEqualTo("OK");
        }
        Map<String, String> found = new TreeMap<>();
        assertThat(read(found)).isEmpty();
        assertThat(found).isEqualTo(values);
    }

    /** Reads the strings of the file; returns the refusal, if any. */
    private List<String> read(Map<String, String> found) throws IOException {
        RdbVisitor visitor = entry -> {
            String key = entry.key().text(Integer.MAX_VALUE);
            found.put(key, entry.value().text(Integer.MAX_VALUE));
            assertThat(entry.expiryMs()).as("key %s", key).isEqualTo(expires(key) ? FAR_FUTURE_MS : RdbEntry.NONE);
        };
        List<String> refusals = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(folder.resolve("dump.rdb"));
                RdbReader reader = new RdbReader(channel, channel.size(), true, 16)) {
            reader.read(visitor);
        } catch (RdbException e) {
            refusals.add(e.reason());
        }
        return refusals;
    }
}
