package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames come out whole however their bytes come in, and lengths that are too good to be true take no memory. */
final class FrameReaderTest {

    private static final int FAIL = 3;
    private static final int PUBLISH = 4;
    private static final int FAIL_BYTES = 2256 + 40;

    private final FrameReader reader = new FrameReader();
    private final List<byte[]> frames = new ArrayList<>();

    private boolean read(byte[] bytes) {
        return reader.read(Unpooled.wrappedBuffer(bytes), 1 << 20, frames::add);
    }

    private static byte[] frame(int type, int length, int size) {
        ByteBuffer frame = ByteBuffer.allocate(size);
        frame.put("RCmb".getBytes(StandardCharsets.US_ASCII)).putInt(length).putShort((short) 1).putShort((short) 7001);
        frame.putShort((short) type);
        return frame.array();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 15, 16, 17, 1000, FAIL_BYTES, FAIL_BYTES + 1})
    void framesAreCutWhereTheyEnd(int piece) {
        byte[] one = frame(FAIL, FAIL_BYTES, FAIL_BYTES);
        byte[] two = new byte[2 * FAIL_BYTES];
        System.arraycopy(one, 0, two, 0, FAIL_BYTES);
        System.arraycopy(one, 0, two, FAIL_BYTES, FAIL_BYTES);
        for (int from = 0; from < two.length; from += piece) {
            int end = Math.min(two.length, from + piece);
            assertThat(read(Arrays.copyOfRange(two, from, end))).isTrue();
        }
        assertThat(frames).containsExactly(one, one);
    }

    @Test
    void aFrameThatClaimsTwoGibibytesIsRefusedByItsHeader() {
        assertThat(read(frame(PUBLISH, Integer.MAX_VALUE, 16))).isFalse();
        assertThat(reader.refusal()).isNotBlank();
        assertThat(reader.bufferedBytes()).isLessThan(5000);
    }

    @Test
    void aLongFrameTakesMemoryAsItComes() {
        assertThat(read(frame(PUBLISH, 1_000_000, 10_000))).isTrue();
        assertThat(reader.bufferedBytes()).isLessThan(20_001);
        assertThat(frames).isEmpty();
    }

    @Test
    void aFrameThatNobodyHereNeedsIsPassedOverAndTakesNoMemory() {
        int length = FrameReader.KEPT_BYTES_MAX + 1;
        byte[] piece = new byte[1 << 16];
        int limit = 2 * length;
        assertThat(reader.read(Unpooled.wrappedBuffer(frame(PUBLISH, length, 16)), limit, frames::add)).isTrue();
        for (int left = length - 16; left > 0; left -= piece.length) {
            byte[] part = Arrays.copyOf(piece, Math.min(left, piece.length));
            assertThat(reader.read(Unpooled.wrappedBuffer(part), limit, frames::add)).isTrue();
            assertThat(reader.bufferedBytes()).isLessThan(5000);
        }
        byte[] next = frame(FAIL, FAIL_BYTES, FAIL_BYTES);
        assertThat(read(next)).isTrue();
        assertThat(frames).containsExactly(next);
    }

    @Test
    void randomBytesAreRefusedAtOnce() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            byte[] noise = new byte[16 + random.nextInt(100)];
            random.nextBytes(noise);
            FrameReader fresh = new FrameReader();
            assertThat(fresh.read(Unpooled.wrappedBuffer(noise), 1 << 20, frames::add)).isFalse();
        }
        assertThat(frames).isEmpty();
    }
}
