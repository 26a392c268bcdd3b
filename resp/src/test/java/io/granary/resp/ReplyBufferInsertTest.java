package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers that are put in front of what was written already. */
class ReplyBufferInsertTest {

    private static final long SEED = 11;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final ReplyBuffer buffer = new ReplyBuffer(allocator);
    private final ReplyWriter reply = new ReplyWriter(buffer);

    @AfterEach
    void everyChunkIsFreed() {
        buffer.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void anArrayOfNothingGetsItsHeader() {
        reply.arrayBefore(buffer.mark(), 0);
        assertThat(written()).isEqualTo("*0\r\n");
    }

    @Test
    void headersNest() {
        reply.ok();
        long mark = buffer.mark();
        reply.integer(7);
        reply.arrayBefore(mark, 1);
        reply.bulkBefore(mark, "18446744073709551615");
        reply.arrayBefore(mark, 2);
        reply.ok();
        assertThat(written()).isEqualTo("+OK\r\n*2\r\n$20\r\n18446744073709551615\r\n*1\r\n:7\r\n+OK\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_530, 65_535, 65_536, 65_537, 131_072, 131_080, 200_000})
    void aHeaderGoesWhereTheMarkWas(int before) {
        for (int behind : new int[] {0, 1, 65_530, 65_536, 65_540, 200_000}) {
            put("a".repeat(before));
            long mark = buffer.mark();
            put("b".repeat(behind));
            reply.arrayBefore(mark, behind);
            put("c");
            assertThat(buffer.size()).isEqualTo(before + behind + 4 + Integer.toString(behind).length() - 1 + 1);
            assertThat(written()).isEqualTo("a".repeat(before) + "*" + behind + "\r\n" + "b".repeat(behind) + "c");
        }
    }

    @Test
    void whatComesAfterAnInsertionCanBeTakenBack() {
        Random random = new Random(SEED);
        for (int i = 0; i < 200; i++) {
            String before = "a".repeat(random.nextInt(100_000));
            put(before);
            long start = buffer.mark();
            put("b".repeat(random.nextInt(100_000)));
            reply.arrayBefore(start, 5);
            buffer.rewind(start);
            String after = "c".repeat(random.nextInt(100_000));
            put(after);
            assertThat(written()).as("seed %d, round %d", SEED, i).isEqualTo(before + after);
        }
    }

    private void put(String text) {
        buffer.put(text.getBytes(StandardCharsets.US_ASCII), 0, text.length());
    }

    private String written() {
        StringBuilder text = new StringBuilder();
        buffer.drain((ByteBuf chunk) -> {
            text.append(chunk.toString(StandardCharsets.US_ASCII));
            chunk.release();
        });
        buffer.reuse();
        return text.toString();
    }
}
