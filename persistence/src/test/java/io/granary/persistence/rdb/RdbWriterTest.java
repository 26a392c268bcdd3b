package io.granary.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What our files hold, as our reader sees it; redis-server reads them in the module node's tests. */
final class RdbWriterTest {

    private static final RdbOrigin ORIGIN = new RdbOrigin("7.4.1", 1_700_000_000, 12_345,
            new RdbOrigin.ReplicationPoint("0123456789".repeat(4), 1L << 40, 0), false);

    /** Content between begin and end. */
    private interface Content {
        void write(RdbWriter writer) throws IOException;
    }

    private static byte[] file(boolean pack, boolean sum, Content content) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (RdbWriter writer = new RdbWriter(Channels.newChannel(file), RdbWriter.VERSION, pack, sum)) {
            writer.begin(ORIGIN);
            content.write(writer);
            writer.end();
            assertThat(writer.position()).isEqualTo(file.size());
        }
        return file.toByteArray();
    }

    private static void read(byte[] file, RdbVisitor visitor) throws IOException {
        try (RdbReader reader = new RdbReader(Bytes.trickle(file, 1 << 16), file.length, true, 16)) {
            reader.read(visitor);
        }
    }

    private static void string(RdbWriter writer, byte[] key, byte[] value, long expiryMs) throws IOException {
        MemorySegment bytes = Bytes.of(value);
        writer.string(Bytes.of(key), 0, key.length, bytes, 0, value.length, expiryMs);
    }

    @Test
    void whatWasWrittenIsRead() throws IOException {
        for (long seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, byte[]> values = new HashMap<>();
            byte[] file = file(random.nextBoolean(), true, writer -> {
                for (int i = 0; i < 20; i++) {
                    byte[] value = Bytes.random(random);
                    values.put(i + " until " + (i % 2 == 0 ? -1 : 1000 + i), value);
                    if (i == 0) {
                        writer.database(3, 20, 10);
                    }
                    string(writer, Bytes.latin(Integer.toString(i)), value, i % 2 == 0 ? -1 : 1000 + i);
                }
            });
            Map<String, byte[]> found = new HashMap<>();
            read(file, entry -> {
                assertThat(entry.database()).isEqualTo(3);
                found.put(entry.key().text(9) + " until " + entry.expiryMs(), entry.value().toArray());
            });
            assertThat(found).as("seed %d", seed).hasSize(20)
                    .allSatisfy((key, value) -> assertThat(value).isEqualTo(values.get(key)));
        }
    }

    @Test
    void theOriginAndTheUseOfKeysAreTold() throws IOException {
        List<String> told = new ArrayList<>();
        byte[] file = file(true, true, writer -> {
            writer.database(0, 2, 0);
            writer.idle(100_000);
            string(writer, Bytes.latin("a"), Bytes.latin("b"), -1);
            writer.frequency(255);
            string(writer, Bytes.latin("c"), Bytes.latin("d"), -1);
        });
        read(file, new RdbVisitor() {
            @Override
            public void string(RdbEntry entry) {
                told.add(entry.key().text(9) + " " + entry.idleSeconds() + " " + entry.frequency());
            }

            @Override
            public void auxiliary(String name, NativeBytes value) {
                told.add(name + "=" + value.text(99));
            }
        });
        assertThat(told).containsExactly("redis-ver=7.4.1", "redis-bits=64", "ctime=1700000000", "used-mem=12345",
                "repl-stream-db=0", "repl-id=" + "0123456789".repeat(4), "repl-offset=1099511627776", "aof-base=0",
                "a 100000 -1", "c -1 255");
    }

    @Test
    void aFileWithoutAChecksumIsNotChecked() throws IOException {
        byte[] file = file(true, false, writer -> string(writer, Bytes.latin("a"), Bytes.latin("b"), -1));
        assertThat(file).endsWith(0, 0, 0, 0, 0, 0, 0, 0);
        file[file.length - 10] = 'c';
        read(file, entry -> assertThat(entry.value().text(9)).isEqualTo("c"));
    }

    @Test
    void aWrongChecksumIsRefusedUnlessNobodyAsks() throws IOException {
        byte[] file = file(true, true, writer -> string(writer, Bytes.latin("a"), Bytes.latin("b"), -1));
        file[file.length - 10] = 'c';
        assertThatThrownBy(() -> read(file, entry -> {})).isInstanceOf(RdbException.class)
                .hasMessageContaining("the checksum is wrong");
        try (RdbReader reader = new RdbReader(Bytes.trickle(file, 100), file.length, false, 1)) {
            reader.read(entry -> assertThat(entry.value().text(9)).isEqualTo("c"));
        }
    }

    @Test
    void damageGivesARefusalOrWhatTheFlippedBitMeans() throws IOException {
        SplittableRandom values = new SplittableRandom(7);
        byte[] file = file(true, false, writer -> {
            for (int i = 0; i < 20; i++) {
                string(writer, Bytes.latin("key" + i), Bytes.repeating(values, 60, 2), -1);
            }
        });
        for (long seed = 0; seed < 1000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] damaged = file.clone();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                read(damaged, entry -> assertThat(entry.key().length()).isLessThan(damaged.length * 88L));
            } catch (RdbException e) {
                assertThat(e.offset()).as("seed %d: %s", seed, e.getMessage()).isBetween(0L, (long) damaged.length);
            }
        }
    }
}
