package io.granary.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class DumpPayloadTest {

    private static final long ANY_LENGTH = 1 << 20;
    private static final byte[] HELLO_OF_REDIS = Bytes.latin("\0\5hello\n\0cr\u00dfve4 \n");
    private static final byte[] LIST_OF_REDIS =
            Bytes.latin("\22\1\2\r\r\0\0\0\2\0\u0081a\2\u0081b\2\u00ff\n\0h\u00eb\n\u0089\23A\u00bb\u00b1");

    private static byte[] written(byte[] value, boolean pack) {
        MemorySegment out = Bytes.room(DumpPayload.bytesMax(value.length));
        return Bytes.copy(out, DumpPayload.write(Bytes.of(value), 0, value.length, pack, out));
    }

    private static boolean isIntact(byte[] payload) {
        return DumpPayload.isIntact(Bytes.of(payload), 0, payload.length);
    }

    private static byte[] read(byte[] payload) throws RdbException {
        try (NativeBytes value = DumpPayload.readString(Bytes.of(payload), 0, payload.length, ANY_LENGTH)) {
            return value.toArray();
        }
    }

    /** The bytes as the content of a payload, with a right footer. */
    private static byte[] sealed(int version, int... content) {
        byte[] payload = new byte[content.length + 10];
        for (int i = 0; i < content.length; i++) {
            payload[i] = (byte) content[i];
        }
        payload[content.length] = (byte) version;
        payload[content.length + 1] = (byte) (version >>> 8);
        long crc = Crc64.update(0, Bytes.of(payload), 0, content.length + 2L);
        for (int i = 0; i < 8; i++) {
            payload[content.length + 2 + i] = (byte) (crc >>> 8 * i);
        }
        return payload;
    }

    @Test
    void aPayloadOfRedisIsRead() throws RdbException {
        assertThat(isIntact(HELLO_OF_REDIS)).isTrue();
        assertThat(read(HELLO_OF_REDIS)).isEqualTo(Bytes.latin("hello"));
    }

    @Test
    void aPayloadOfOursIsThatOfRedisWithAnEarlierVersion() {
        byte[] ours = written(Bytes.latin("hello"), true);
        assertThat(Arrays.copyOf(ours, 7)).isEqualTo(Arrays.copyOf(HELLO_OF_REDIS, 7));
        assertThat(ours).hasSameSizeAs(HELLO_OF_REDIS);
        assertThat(ours[7]).isEqualTo((byte) 6);
    }

    @Test
    void whatWasWrittenIsRead() throws RdbException {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] value = Bytes.random(random);
            byte[] payload = written(value, random.nextBoolean());
            assertThat(isIntact(payload)).as("seed %d", seed).isTrue();
            assertThat(read(payload)).as("seed %d", seed).isEqualTo(value);
        }
    }

    @Test
    void theVersionsOfOthersAreReadUpToTheLatestThatIsKnown() {
        assertThat(isIntact(sealed(12, 0, 0))).isTrue();
        assertThat(isIntact(sealed(80, 0, 0))).isTrue();
        assertThat(isIntact(sealed(81, 0, 0))).isTrue();
        assertThat(isIntact(sealed(13, 0, 0))).isFalse();
        assertThat(isIntact(sealed(79, 0, 0))).isFalse();
        assertThat(isIntact(sealed(82, 0, 0))).isFalse();
    }

    @Test
    void aPayloadThatIsDamagedIsNotIntact() {
        for (int i = 0; i < HELLO_OF_REDIS.length; i++) {
            assertThat(isIntact(Arrays.copyOf(HELLO_OF_REDIS, i))).as("cut at %d", i).isFalse();
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                byte[] flipped = HELLO_OF_REDIS.clone();
                flipped[i] ^= (byte) (1 << bit);
                assertThat(isIntact(flipped)).as("bit %d of byte %d", bit, i).isFalse();
            }
        }
    }

    @Test
    void aRightChecksumProvesNoRightContent() {
        assertThatThrownBy(() -> read(LIST_OF_REDIS)).isInstanceOf(RdbException.class)
                .hasMessageContaining("the payload holds a list, a type that this version does not have");
        assertThatThrownBy(() -> read(sealed(10))).hasMessageContaining("ends in the middle");
        assertThatThrownBy(() -> read(sealed(10, 99))).hasMessageContaining("unknown type 99");
        assertThatThrownBy(() -> read(sealed(10, 0, 5, 'x'))).hasMessageContaining("longer than the 1 bytes");
        assertThatThrownBy(() -> read(sealed(10, 0, 1, 'x', 'y'))).hasMessageContaining("behind the value");
        assertThatThrownBy(() -> read(sealed(10, 0, 0xC3, 3, 66, 0, 'a', 0x20))).hasMessageContaining("packed");
        assertThatThrownBy(() -> read(sealed(10, 0, 0x80, 0, 0x20, 0, 0))).hasMessageContaining("longer than any may be");
    }

    @Test
    void noContentIsOurFault() {
        for (long seed = 0; seed < 3000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int[] content = random.ints(random.nextInt(30), 0, 256).toArray();
            if (content.length > 1) {
                content[0] = 0;
                content[1] = random.nextBoolean() ? 0xC0 | random.nextInt(5) : content[1];
            }
            byte[] payload = sealed(10, content);
            try {
                assertThat(read(payload)).as("seed %d", seed).hasSizeLessThan(30 * Lzf.EXPANSION_MAX);
            } catch (RdbException e) {
                assertThat(e.offset()).as("seed %d", seed).isBetween(0L, (long) content.length);
            }
        }
    }
}
