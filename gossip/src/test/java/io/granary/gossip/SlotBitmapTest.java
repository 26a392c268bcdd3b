package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Sets of slots, beside {@link BitSet}, which says what is right. */
final class SlotBitmapTest {

    private static final int ROUNDS = 300;
    private static final int RUNS = 6;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    /** Some runs of neighbouring slots, which begin and end anywhere, mostly near the borders of words. */
    private BitSet some() {
        BitSet bits = new BitSet();
        for (int i = random.nextInt(RUNS); i > 0; i--) {
            int first = Math.clamp(random.nextInt(SlotBitmap.BYTES / Long.BYTES) * Long.SIZE + random.nextInt(3) - 1L,
                    0, ClusterView.SLOTS - 1);
            int end = Math.min(ClusterView.SLOTS, first + 1 + random.nextInt(random.nextBoolean() ? 3 : 5000));
            bits.set(first, end);
        }
        return bits;
    }

    @Test
    void whatIsJoinedSharedAndTakenAwayIsAsOfBits() {
        for (int i = 0; i < ROUNDS; i++) {
            BitSet left = some();
            BitSet right = some();
            SlotBitmap one = SlotBitmap.of(left);
            SlotBitmap other = SlotBitmap.of(right);
            BitSet shared = (BitSet) left.clone();
            shared.and(right);
            BitSet rest = (BitSet) left.clone();
            rest.andNot(right);
            BitSet joined = (BitSet) left.clone();
            joined.or(right);
            assertEquals(SlotBitmap.of(shared.stream()), one.and(other), this::seed);
            assertEquals(SlotBitmap.of(rest.stream()), one.minus(other), this::seed);
            assertEquals(SlotBitmap.of(joined.stream()), one.plus(other), this::seed);
            assertEquals(left, one.toBitSet(), this::seed);
            assertEquals(left.cardinality(), one.size(), this::seed);
            assertEquals(!shared.isEmpty(), one.intersects(other), this::seed);
        }
    }

    @Test
    void rangesAndTextNameEachRunOnce() {
        for (int i = 0; i < ROUNDS; i++) {
            BitSet bits = some();
            BitSet seen = new BitSet();
            SlotBitmap.of(bits).forEachRange((first, end) -> {
                assertEquals(end, bits.nextClearBit(first), this::seed);
                assertEquals(-1, first == 0 ? -1 : bits.get(first - 1) ? first : -1, this::seed);
                seen.set(first, end);
            });
            assertEquals(bits, seen, this::seed);
            String text = bits.stream().filter(bit -> bit == 0 || !bits.get(bit - 1))
                    .mapToObj(first -> {
                        int last = bits.nextClearBit(first) - 1;
                        return last == first ? "" + first : first + "-" + last;
                    })
                    .collect(Collectors.joining(" "));
            assertEquals(text, SlotBitmap.of(bits).toString(), this::seed);
        }
    }

    private String seed() {
        return "seed " + seed;
    }

    @Test
    void aConditionKeepsThoseThatMeetIt() {
        SlotBitmap slots = SlotBitmap.of(3, 64, 65, 16383);
        assertEquals(SlotBitmap.of(64), slots.filter(slot -> slot == 64));
        assertEquals(slots, slots.filter(_ -> true));
        assertEquals(SlotBitmap.EMPTY, slots.filter(_ -> false));
    }
}
