package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplyBufferTest {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final ReplyBuffer buffer = new ReplyBuffer(allocator);

    @AfterEach
    void nothingIsLeaked() {
        buffer.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void anUnusedBufferHoldsNoMemory() {
        assertThat(buffer.size()).isZero();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void whatWasPutIsHandedOutInOrder() {
        String text = letters(3 * ReplyBuffer.CHUNK_BYTES + 17);
        put(text);
        assertThat(buffer.size()).isEqualTo(text.length());
        assertThat(Written.drain(buffer)).isEqualTo(text);
        assertThat(buffer.size()).isZero();
        assertThat(Written.drain(buffer)).isEmpty();
    }

    @Test
    void aChunkThatTheTakerStillHoldsIsNotWrittenTo() {
        List<ByteBuf> held = new ArrayList<>();
        put("first");
        buffer.drain(held::add);
        put("second");
        buffer.drain(held::add);
        put("third");

        StringBuilder text = new StringBuilder();
        held.forEach(chunk -> Written.take(chunk, text));
        assertThat(text).hasToString("firstsecond");
        assertThat(Written.drain(buffer)).isEqualTo("third");
    }

    @Test
    void aChunkThatTheTakerIsDoneWithIsUsedAgain() {
        put("first");
        Written.drain(buffer);
        long used = allocator.metric().usedDirectMemory();
        buffer.reuse();
        put("second");
        assertThat(allocator.metric().usedDirectMemory()).isEqualTo(used);
        assertThat(Written.drain(buffer)).isEqualTo("second");
    }

    @Test
    void anIdleBufferGivesItsChunkBackUnlessBytesWait() {
        put("waiting");
        buffer.idle();
        assertThat(Written.drain(buffer)).isEqualTo("waiting");
        buffer.idle();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
        put("again");
        assertThat(Written.drain(buffer)).isEqualTo("again");
    }

    @Test
    void rewindForgetsWhatCameAfterTheMark() {
        put("kept");
        long mark = buffer.mark();
        put("forgotten");
        buffer.rewind(mark);
        put("!");
        assertThat(Written.drain(buffer)).isEqualTo("kept!");
    }

    @Test
    void rewindReachesAcrossChunks() {
        int chunk = ReplyBuffer.CHUNK_BYTES;
        for (int kept : new int[] {0, 1, chunk - 1, chunk, chunk + 1}) {
            String text = letters(kept);
            put(text);
            long mark = buffer.mark();
            put(letters(3 * chunk));
            buffer.rewind(mark);
            assertThat(buffer.size()).isEqualTo(kept);
            put("!");
            assertThat(Written.drain(buffer)).isEqualTo(text + "!");
        }
    }

    @Test
    void rewindGoesNowhereElse() {
        put("abc");
        assertThatThrownBy(() -> buffer.rewind(4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> buffer.rewind(-1)).isInstanceOf(IllegalArgumentException.class);
        Written.drain(buffer);
        buffer.rewind(0);
        assertThat(buffer.size()).isZero();
    }

    @Test
    void aHeaderIsInsertedWhereverItBelongs() {
        int chunk = ReplyBuffer.CHUNK_BYTES;
        byte[] header = Decoding.latin("<header>");
        int[] lengths = {0, 1, 100, chunk - 9, chunk - 8, chunk - 1, chunk, chunk + 1, 3 * chunk};
        for (int before : lengths) {
            for (int behind : lengths) {
                put(letters(before));
                long mark = buffer.mark();
                put(letters(behind));
                buffer.insert(mark, header);
                assertThat(buffer.size()).isEqualTo(before + behind + header.length);
                put("!");
                assertThat(Written.drain(buffer)).as("%d before, %d behind", before, behind)
                        .isEqualTo(letters(before) + "<header>" + letters(behind) + "!");
            }
        }
    }

    @Test
    void rewindReachesAcrossAnInsertedHeader() {
        put("kept");
        put(letters(2 * ReplyBuffer.CHUNK_BYTES));
        buffer.insert(4, Decoding.latin("<header>"));
        buffer.rewind(4);
        put("!");
        assertThat(Written.drain(buffer)).isEqualTo("kept!");
    }

    @Test
    void anyOrderOfWritesMarksAndDrainsKeepsTheBytes() {
        long seed = Long.getLong("granary.seed", System.nanoTime());
        RandomGenerator random = new SplittableRandom(seed);
        StringBuilder expected = new StringBuilder();
        for (int step = 0; step < 400; step++) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    assertThat(Written.drain(buffer)).as("seed %d", seed).isEqualTo(expected.toString());
                    expected.setLength(0);
                }
                case 1 -> {
                    int mark = random.nextInt(expected.length() + 1);
                    buffer.rewind(mark);
                    expected.setLength(mark);
                }
                case 2 -> {
                    int mark = random.nextInt(expected.length() + 1);
                    buffer.insert(mark, Decoding.latin("*12\r\n"));
                    expected.insert(mark, "*12\r\n");
                }
                default -> {
                    String text = letters(random.nextInt(1 << random.nextInt(18)));
                    put(text);
                    expected.append(text);
                }
            }
            assertThat(buffer.size()).as("seed %d", seed).isEqualTo(expected.length());
        }
    }

    private void put(String text) {
        if (text.length() % 2 == 0) {
            buffer.put(Decoding.latin(text), 0, text.length());
        } else {
            buffer.put(Decoding.nativeCopy(text), 0, text.length());
        }
    }

    private static String letters(int length) {
        return "abcdefghijklmnopqrstuvwxyz".repeat(length / 26 + 1).substring(0, length);
    }
}
