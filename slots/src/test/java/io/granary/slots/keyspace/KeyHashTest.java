package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyHashTest {

    private final KeyHash hash = new KeyHash(1, 2);

    private static long of(KeyHash hash, String text) {
        MemorySegment bytes = Layouts.nativeCopy(Fixture.bytes(text));
        return hash.of(bytes, 0, text.length());
    }

    @Test
    void everyByteAndTheLengthCount() {
        Set<Long> seen = new HashSet<>();
        int expected = 0;
        for (int length = 0; length < 70; length++) {
            assertThat(seen.add(of(hash, "a".repeat(length)))).isTrue();
            expected++;
            for (int i = 0; i < length; i++) {
                assertThat(seen.add(of(hash, "a".repeat(i) + "b" + "a".repeat(length - i - 1)))).isTrue();
                expected++;
            }
        }
        assertThat(seen).hasSize(expected).doesNotContain(0L);
    }

    @Test
    void eachSecretMakesAnotherHash() {
        for (String text : new String[] {"", "a", "hello", "key:000000000001", "a longer key of more than 16 bytes"}) {
            assertThat(Set.of(
                    of(hash, text), of(new KeyHash(1, 3), text), of(new KeyHash(3, 2), text), of(new KeyHash(2, 1), text)))
                    .hasSize(4);
        }
    }

    @Test
    void positionsAndTagsAreEven() {
        int[] positions = new int[64];
        int[] tags = new int[256];
        int n = 64_000;
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < n; i++) {
                String text = String.format("key:%012d", i);
                long h = hash.of(arena.allocateFrom(text), 0, text.length());
                positions[(int) (h >>> 58)]++;
                tags[Bucket.tag(h)]++;
            }
        }
        assertThat(positions).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isBetween(800, 1_200);
            }
        });
        for (int tag = 2; tag < 256; tag++) {
            assertThat(tags[tag]).isBetween(150, 350);
        }
        assertThat(tags[0]).isZero();
    }

    @Test
    void bytesOfAWordAreFoundExactly() {
        Random random = new Random(4);
        for (int i = 0; i < 10_000; i++) {
            long word = random.nextLong() & random.nextLong();
            for (int b = 0; b < 8; b++) {
                if (random.nextInt(3) == 0) {
                    word &= ~(0xFFL << b * 8);
                } else if (random.nextInt(3) == 0) {
                    word = word & ~(0xFFL << b * 8) | 0x01L << b * 8;
                }
            }
            long zeros = Bucket.zeroBytes(word);
            int bits = Bucket.bits(zeros, 0);
            for (int b = 0; b < 8; b++) {
                boolean zero = (word >>> b * 8 & 0xFF) == 0;
                assertThat((zeros >>> b * 8 & 0xFF) == 0x80).isEqualTo(zero);
                assertThat((bits & 1 << b) != 0).isEqualTo(zero);
            }
        }
    }
}
