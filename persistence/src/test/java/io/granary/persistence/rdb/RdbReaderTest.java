package io.granary.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What files say that others have written. */
final class RdbReaderTest {

    /** A file of redis-server 7.0.15 with every encoding of strings, an expiry and LFU counters. */
    private static final byte[] OF_REDIS = HexFormat.of().parseHex(
            "524544495330303130fa0972656469732d76657206372e302e3135fa0a72656469732d62697473c040fa056374696d65c265"
            + "02036bfa08757365642d6d656dc2381c1200fa08616f662d62617365c000fe00fb0902f90000026938c0fbf90000036c7a66"
            + "c30f3f016161e01d00016263e00a02016263f90000016500fc00409452a3030000f900000178c001f9000003693332c26079"
            + "fefff90000036936340c313233343536373839303132f9000001730568656c6c6ffcffffffffffffff7ff900000462696732"
            + "c00af9000003693136c1e803fe03fb0100f90500016b0176ffb86c5b6099c6e46d");

    /** Notes what it is shown, a line each. */
    private static final class Notes implements RdbVisitor {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void string(RdbEntry entry) {
            lines.add(entry.database() + " " + entry.key().text(99) + "=" + entry.value().text(99)
                    + (entry.expiryMs() < 0 ? "" : " until " + entry.expiryMs())
                    + (entry.idleSeconds() < 0 ? "" : " idle " + entry.idleSeconds())
                    + (entry.frequency() < 0 ? "" : " freq " + entry.frequency()));
        }

        @Override
        public void auxiliary(String name, NativeBytes value) {
            lines.add(name + ": " + value.text(99));
        }

        @Override
        public void sizes(int database, long keys, long expiring) {
            lines.add(database + " has " + keys + ", " + expiring);
        }

        @Override
        public void function(NativeBytes code) {
            lines.add("function " + code.text(99));
        }

        @Override
        public void moduleData(String module) {
            lines.add("module " + module);
        }
    }

    private static List<String> read(byte[] file) throws IOException {
        Notes notes = new Notes();
        try (RdbReader reader = new RdbReader(Bytes.trickle(file, 5), file.length, true, 16)) {
            reader.read(notes);
            assertThat(reader.position()).isEqualTo(file.length);
        }
        return notes.lines;
    }

    /** A file of these bytes between header and end, without a checksum. */
    private static byte[] file(String header, int... content) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(Bytes.latin(header));
        for (int b : content) {
            file.write(b);
        }
        file.write(RdbFormat.EOF);
        file.writeBytes(new byte[RdbFormat.CHECKSUM_BYTES]);
        return file.toByteArray();
    }

    @Test
    void aFileOfRedisIsRead() throws IOException {
        assertThat(read(OF_REDIS)).containsExactly(
                "redis-ver: 7.0.15", "redis-bits: 64", "ctime: 1795359333", "used-mem: 1186872", "aof-base: 0",
                "0 has 9, 2",
                "0 i8=-5 freq 0",
                "0 lzf=" + "a".repeat(40) + "bc" + "abc".repeat(7) + " freq 0",
                "0 e= freq 0",
                "0 x=1 until 4000000000000 freq 0",
                "0 i32=-100000 freq 0",
                "0 i64=123456789012 freq 0",
                "0 s=hello freq 0",
                "0 big2=10 until 9223372036854775807 freq 0",
                "0 i16=1000 freq 0",
                "3 has 1, 0",
                "3 k=v freq 5");
    }

    @Test
    void whatStandsBesideTheKeysIsToldOrSkipped() throws IOException {
        byte[] file = file("REDIS0012",
                RdbFormat.SLOT_INFO, 1, 2, 3,
                RdbFormat.FUNCTION, 2, 'f', 'n',
                RdbFormat.MODULE_AUX, 0x81, 0, 0, 0, 0, 0, 0, 0x04, 1, 2, 2, 1, 7, 3, 1, 2, 3, 4, 4, 1, 2, 3, 4, 5, 6, 7, 8,
                5, 1, 's', 0,
                RdbFormat.EXPIRE_TIME, 1, 0, 0, 0, RdbFormat.IDLE, 0x40, 200, 0, 1, 'a', 1, 'b');
        assertThat(read(file)).containsExactly("function fn", "module AAAAAAAAB", "0 a=b until 1000 idle 200");
    }

    @Test
    void aLengthMayBeWrittenLongerThanItNeeds() throws IOException {
        byte[] file = file("REDIS0011",
                0, 0x40, 1, 'a', 0x80, 0, 0, 0, 1, 'b',
                0, 0x81, 0, 0, 0, 0, 0, 0, 0, 1, 'c', 1, 'd');
        assertThat(read(file)).containsExactly("0 a=b", "0 c=d");
    }

    @Test
    void anExpiryBelongsToOneKeyAndMayHavePassedLongAgo() throws IOException {
        byte[] file = file("REDIS0009",
                RdbFormat.EXPIRE_TIME_MS, 0xFB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                0, 1, 'a', 1, 'b', 0, 1, 'c', 1, 'd');
        assertThat(read(file)).containsExactly("0 a=b until 0", "0 c=d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"REDIS0005", "REDIS0012", "VALKEY080", "VALKEY081"})
    void theVersionsThatAreKnownAreRead(String header) throws IOException {
        assertThat(read(file(header, 0, 1, 'a', 1, 'b'))).containsExactly("0 a=b");
    }

    @ParameterizedTest
    @CsvSource({
        "REDIS0013, does not read RDB version 13", "REDIS0004, does not read RDB version 4",
        "REDIS0080, does not read RDB version 80", "VALKEY011, does not read RDB version 11",
        "REDISabcd, does not read such an RDB", "HELLO0011, this is no RDB"
    })
    void otherFilesAreRefused(String header, String reason) {
        assertThatThrownBy(() -> read(file(header))).isInstanceOf(RdbException.class)
                .hasMessageContaining(reason).hasMessageEndingWith("at byte 9");
    }

    @ParameterizedTest
    @CsvSource({
        "REDIS0011, 1, list", "REDIS0011, 18, list", "REDIS0011, 11, set", "REDIS0011, 17, sorted set",
        "REDIS0011, 16, hash", "REDIS0011, 21, stream", "REDIS0012, 23, hash whose fields expire",
        "VALKEY081, 23, hash of paths", "REDIS0011, 7, value of a module"
    })
    void aTypeThatIsMissingIsNamedWithItsKey(String header, int type, String name) {
        assertThatThrownBy(() -> read(file(header, type, 3, 'k', 27, 'y', 1, 1))).isInstanceOf(RdbException.class)
                .hasMessage("this RDB holds a " + name
                        + " at key 'k?y', a type that this version does not have, at byte 14");
    }

    @Test
    void nothingIsGuessed() {
        assertThatThrownBy(() -> read(file("REDIS0011", 99))).hasMessageContaining("unknown type 99");
        assertThatThrownBy(() -> read(file("VALKEY081", 24))).hasMessageContaining("unknown type 24");
        assertThatThrownBy(() -> read(file("REDIS0011", RdbFormat.SELECT_DB, 16)))
                .hasMessageContaining("index of a database");
        assertThatThrownBy(() -> read(file("REDIS0011", 0, 0x82))).hasMessageContaining("no length begins with byte 130");
        assertThatThrownBy(() -> read(file("REDIS0011", 0, 0xC4))).hasMessageContaining("no string has encoding 4");
        assertThatThrownBy(() -> read(file("REDIS0011", RdbFormat.FUNCTION_PRE_GA)))
                .hasMessageContaining("preview of Redis 7");
        assertThatThrownBy(() -> read(file("VALKEY080", RdbFormat.SLOT_IMPORT))).hasMessageContaining("being imported");
    }

    @Test
    void aLengthThatLiesTakesNoMemory() {
        int[] twoGigabytes = {0, 0x80, 0x7F, 0xFF, 0xFF, 0xFF, 'x'};
        assertThatThrownBy(() -> read(file("REDIS0011", twoGigabytes))).hasMessageContaining("longer than the 10 bytes");
        byte[] stream = file("REDIS0011", twoGigabytes);
        try (RdbReader reader = new RdbReader(Bytes.trickle(stream, 100), RdbReader.UNKNOWN_LENGTH, true, 1)) {
            assertThatThrownBy(() -> reader.read(new Notes())).hasMessageContaining("ends in the middle");
        }
        assertThatThrownBy(() -> read(file("REDIS0011", 0, 0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0)))
                .isInstanceOf(RdbException.class);
        assertThatThrownBy(() -> read(file("REDIS0011", 0, 0xC3, 2, 0x80, 0x7F, 0xFF, 0xFF, 0xFF, 0, 'x')))
                .hasMessageContaining("2 packed bytes cannot give 2147483647");
    }

    @Test
    void whatIsBehindTheEndIsGivenBack() throws IOException {
        byte[] file = file("REDIS0011", 0, 1, 'a', 1, 'b');
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(file);
        stream.writeBytes(Bytes.latin("*1\r\n"));
        byte[] both = stream.toByteArray();
        try (RdbReader reader = new RdbReader(Bytes.trickle(both, 1000), RdbReader.UNKNOWN_LENGTH, true, 1)) {
            reader.read(new Notes());
            assertThat(reader.position()).isEqualTo(file.length);
            assertThat(reader.unread()).isEqualTo(Bytes.latin("*1\r\n"));
        }
    }

    @Test
    void everyDamageIsSeenAndNoneIsOurFault() {
        for (int i = 0; i < OF_REDIS.length; i++) {
            byte[] cut = Arrays.copyOf(OF_REDIS, i);
            assertThatThrownBy(() -> read(cut)).as("cut at %d", i).isInstanceOf(RdbException.class);
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                byte[] flipped = OF_REDIS.clone();
                flipped[i] ^= (byte) (1 << bit);
                assertThatThrownBy(() -> read(flipped)).as("bit %d of byte %d", bit, i).isInstanceOf(RdbException.class);
            }
        }
    }
}
