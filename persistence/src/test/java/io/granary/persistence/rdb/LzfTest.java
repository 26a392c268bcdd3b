package io.granary.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LzfTest {

    /** What redis-server 7.0.15 has made of 39 times the letter a and 8 times abc. */
    private static final String BLOCK_OF_REDIS = "\u0001aa\u00e0\u001d\0\u0001bc\u00e0\n\u0002\u0001bc";

    private static MemorySegment unpacked(byte[] block, int length) {
        MemorySegment out = Bytes.room(length);
        return Lzf.unpack(Bytes.of(block), 0, block.length, out, 0, length) ? out : null;
    }

    private static byte[] packed(Lzf lzf, byte[] bytes, int room) {
        MemorySegment out = Bytes.room(room);
        return Bytes.copy(out, lzf.pack(Bytes.of(bytes), 0, bytes.length, out, 0, room));
    }

    @Test
    void aBlockOfRedisUnpacks() {
        byte[] text = Bytes.latin("a".repeat(40) + "bc" + "abc".repeat(7));
        MemorySegment out = unpacked(Bytes.latin(BLOCK_OF_REDIS), text.length);
        assertThat(out).isNotNull();
        assertThat(Bytes.copy(out, text.length)).isEqualTo(text);
    }

    @Test
    void aBlockThatGivesMoreOrLessThanWasToldIsDamaged() {
        assertThat(unpacked(Bytes.latin(BLOCK_OF_REDIS), 62)).isNull();
        assertThat(unpacked(Bytes.latin(BLOCK_OF_REDIS), 64)).isNull();
    }

    @Test
    void whatWasPackedUnpacks() {
        Lzf lzf = new Lzf();
        for (long seed = 0; seed < 400; seed++) {
            byte[] bytes = Bytes.random(new SplittableRandom(seed));
            byte[] block = packed(lzf, bytes, bytes.length + bytes.length / 32 + 1);
            MemorySegment out = unpacked(block, bytes.length);
            assertThat(out).as("seed %d", seed).isNotNull();
            assertThat(Bytes.copy(out, bytes.length)).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    @Test
    void theBlockDoesNotDependOnWhatWasPackedBefore() {
        Lzf used = new Lzf();
        for (long seed = 0; seed < 300; seed++) {
            byte[] bytes = Bytes.repeating(new SplittableRandom(seed), 1000, 3);
            assertThat(packed(used, bytes, 2000)).as("seed %d", seed).isEqualTo(packed(new Lzf(), bytes, 2000));
        }
    }

    @Test
    void textThatRepeatsItselfGetsSmall() {
        byte[] bytes = Bytes.latin("all work and no play makes jack a dull boy. ".repeat(1000));
        assertThat(packed(new Lzf(), bytes, bytes.length)).hasSizeBetween(1, bytes.length / 50);
    }

    @Test
    void aBlockKeepsToItsRoom() {
        for (long seed = 0; seed < 10; seed++) {
            byte[] bytes = Bytes.repeating(new SplittableRandom(seed), 300, 3);
            int needed = packed(new Lzf(), bytes, 1000).length;
            for (int room = 0; room < needed + 3; room++) {
                MemorySegment out = Bytes.room(1000).fill((byte) '?');
                long length = new Lzf().pack(Bytes.of(bytes), 0, bytes.length, out, 0, room);
                assertThat(length).as("seed %d, room %d", seed, room).isEqualTo(room < needed ? 0 : needed);
                assertThat(Bytes.copy(out.asSlice(room), 1000 - room)).containsOnly('?');
            }
        }
    }

    @Test
    void noBlockWritesOrReadsBeyondItsBounds() {
        for (long seed = 0; seed < 3000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] block = Bytes.noise(random, random.nextInt(40));
            MemorySegment in = Bytes.of(block).asSlice(0, block.length);
            int length = random.nextInt(300);
            MemorySegment out = Bytes.room(600).fill((byte) '?');
            Lzf.unpack(in, 0, block.length, out, 100, length);
            assertThat(Bytes.copy(out, 100)).as("seed %d", seed).containsOnly('?');
            assertThat(Bytes.copy(out.asSlice(100 + length), 100)).as("seed %d", seed).containsOnly('?');
        }
    }
}
