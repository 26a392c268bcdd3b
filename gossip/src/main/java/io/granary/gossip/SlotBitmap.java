package io.granary.gossip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * An immutable set of slot numbers, in the order in which the bus carries it: slot {@code s} is bit {@code s & 7} of byte
 * {@code s / 8}. Only the words from the first to the last that is not empty are held: in a large cluster there are
 * thousands of such sets, of a few neighbouring slots each, and most messages bring one.
 */
public final class SlotBitmap {

    /** Its length on the bus. */
    public static final int BYTES = ClusterView.SLOTS / Byte.SIZE;

    private static final int WORDS = ClusterView.SLOTS / Long.SIZE;

    public static final SlotBitmap EMPTY = new SlotBitmap(new long[0], 0);

    /** Neither the first nor the last is 0. */
    private final long[] words;

    /** Where the first word would stand among those of all slots; 0 of an empty set. */
    private final int first;

    private final int size;

    private SlotBitmap(long[] words, int first) {
        this.words = words;
        this.first = first;
        int count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        this.size = count;
    }

    /** The set whose words, of all slots, are given; they are copied. */
    private static SlotBitmap trimmed(long[] all) {
        return trimmed(all, 0);
    }

    /** As {@link #trimmed(long[])}, of words of which the first stands at {@code first} among those of all slots. */
    private static SlotBitmap trimmed(long[] words, int first) {
        int start = 0;
        int end = words.length;
        while (end > 0 && words[end - 1] == 0) {
            end--;
        }
        while (start < end && words[start] == 0) {
            start++;
        }
        return start == end ? EMPTY : new SlotBitmap(Arrays.copyOfRange(words, start, end), first + start);
    }

    public static SlotBitmap of(int slot) {
        return new SlotBitmap(new long[] {1L << slot}, slot >> 6);
    }

    public static SlotBitmap of(int... slots) {
        return of(IntStream.of(slots));
    }

    /** The set of these slots. */
    static SlotBitmap of(IntStream slots) {
        long[] all = new long[WORDS];
        slots.forEach(slot -> all[slot >> 6] |= 1L << slot);
        return trimmed(all);
    }

    /** The set of the bits that are set; there are none behind the last slot. */
    static SlotBitmap of(BitSet bits) {
        return bits.isEmpty() ? EMPTY : trimmed(bits.toLongArray(), 0);
    }

    /** All slots from {@code first} to {@code last}, both included. */
    public static SlotBitmap range(int first, int last) {
        return of(IntStream.rangeClosed(first, last));
    }

    /** Reads {@link #BYTES} bytes at an absolute offset. */
    public static SlotBitmap read(ByteBuffer in, int offset) {
        ByteBuffer little = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int start = 0;
        int end = WORDS;
        while (end > 0 && little.getLong(offset + (end - 1) * Long.BYTES) == 0) {
            end--;
        }
        while (start < end && little.getLong(offset + start * Long.BYTES) == 0) {
            start++;
        }
        if (start == end) {
            return EMPTY;
        }
        long[] words = new long[end - start];
        for (int i = 0; i < words.length; i++) {
            words[i] = little.getLong(offset + (start + i) * Long.BYTES);
        }
        return new SlotBitmap(words, start);
    }

    /** Writes {@link #BYTES} bytes at an absolute offset. */
    public void write(ByteBuffer out, int offset) {
        ByteBuffer little = out.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < WORDS; i++) {
            little.putLong(offset + i * Long.BYTES, word(i));
        }
    }

    /** The word for slots from {@code 64 * index}. */
    private long word(int index) {
        int at = index - first;
        return at >= 0 && at < words.length ? words[at] : 0;
    }

    private int end() {
        return first + words.length;
    }

    public boolean contains(int slot) {
        return (word(slot >> 6) & 1L << slot) != 0;
    }

    public int size() {
        return size;
    }

    public boolean intersects(SlotBitmap other) {
        for (int i = Math.max(first, other.first); i < Math.min(end(), other.end()); i++) {
            if ((word(i) & other.word(i)) != 0) {
                return true;
            }
        }
        return false;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** The first slot at or behind {@code from}, or -1. */
    public int next(int from) {
        int slot = Math.max(from, first * Long.SIZE);
        while (slot < end() * Long.SIZE) {
            long rest = word(slot >> 6) >>> slot;
            if (rest != 0) {
                return slot + Long.numberOfTrailingZeros(rest);
            }
            slot = (slot | 63) + 1;
        }
        return -1;
    }

    /** The first slot at or behind {@code from} that is missing, perhaps the one behind the last of all. */
    private int nextAbsent(int from) {
        int slot = from;
        while (slot < end() * Long.SIZE) {
            long rest = ~word(slot >> 6) >>> slot;
            if (rest != 0) {
                return slot + Long.numberOfTrailingZeros(rest);
            }
            slot = (slot | 63) + 1;
        }
        return slot;
    }

    /** Takes neighbouring slots together. */
    @FunctionalInterface
    interface RangeConsumer {

        /** {@code end} is the slot behind the last. */
        void accept(int first, int end);
    }

    /** All ranges of neighbouring slots, in ascending order. */
    void forEachRange(RangeConsumer action) {
        for (int start = next(0); start >= 0; ) {
            int end = nextAbsent(start);
            action.accept(start, end);
            start = next(end);
        }
    }

    public void forEach(IntConsumer action) {
        for (int slot = next(0); slot >= 0; slot = next(slot + 1)) {
            action.accept(slot);
        }
    }

    /** This set without the members of another. */
    public SlotBitmap minus(SlotBitmap other) {
        if (!intersects(other)) {
            return this;
        }
        long[] rest = all();
        for (int i = other.first; i < other.end(); i++) {
            rest[i] &= ~other.word(i);
        }
        return trimmed(rest);
    }

    /** This set with the members of another. */
    public SlotBitmap plus(SlotBitmap other) {
        if (containsAll(other)) {
            return this;
        }
        long[] all = all();
        for (int i = other.first; i < other.end(); i++) {
            all[i] |= other.word(i);
        }
        return trimmed(all);
    }

    /** The words of all slots, to be changed at will. */
    long[] all() {
        long[] all = new long[WORDS];
        System.arraycopy(words, 0, all, first, words.length);
        return all;
    }

    /** The members that this set shares with another. */
    SlotBitmap and(SlotBitmap other) {
        if (!intersects(other)) {
            return EMPTY;
        }
        int start = Math.max(first, other.first);
        long[] shared = new long[Math.min(end(), other.end()) - start];
        for (int i = 0; i < shared.length; i++) {
            shared[i] = word(start + i) & other.word(start + i);
        }
        return trimmed(shared, start);
    }

    /** The members that meet a condition. */
    SlotBitmap filter(IntPredicate condition) {
        long[] left = new long[words.length];
        forEach(slot -> left[(slot >> 6) - first] |= condition.test(slot) ? 1L << slot : 0);
        return trimmed(left, first);
    }

    BitSet toBitSet() {
        return BitSet.valueOf(all());
    }

    public boolean containsAll(SlotBitmap other) {
        for (int i = other.first; i < other.end(); i++) {
            if ((other.word(i) & ~word(i)) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The set as CLUSTER NODES writes it: {@code "0-5460 5462"}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        forEachRange((start, end) -> {
            text.append(text.isEmpty() ? "" : " ").append(start);
            if (end - 1 > start) {
                text.append('-').append(end - 1);
            }
        });
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SlotBitmap that && first == that.first && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return 31 * first + Arrays.hashCode(words);
    }
}
