package io.granary.slots;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.IntConsumer;

/**
 * A mutable set of slots: one bit each. Its bytes are those of the bus, where slot {@code s} is bit {@code s & 7} (from the
 * lowest) of byte {@code s >> 3}.
 */
public final class SlotSet {

    /** The length of {@link #toBytes()}. */
    public static final int BYTES = Slot.COUNT / Byte.SIZE;

    private final long[] words = new long[Slot.COUNT / Long.SIZE];

    public static SlotSet of(int... slots) {
        SlotSet set = new SlotSet();
        for (int slot : slots) {
            set.add(slot);
        }
        return set;
    }

    public static SlotSet of(List<SlotRange> ranges) {
        SlotSet set = new SlotSet();
        ranges.forEach(set::add);
        return set;
    }

    public static SlotSet all() {
        SlotSet set = new SlotSet();
        Arrays.fill(set.words, -1L);
        return set;
    }

    public static SlotSet copyOf(SlotSet other) {
        SlotSet set = new SlotSet();
        set.addAll(other);
        return set;
    }

    /** The set whose bits are the {@link #BYTES} bytes given. */
    public static SlotSet ofBytes(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a set of slots has " + BYTES + " bytes, not " + bytes.length);
        }
        SlotSet set = new SlotSet();
        for (int i = 0; i < BYTES; i++) {
            set.words[i >> 3] |= (bytes[i] & 0xFFL) << (i & 7) * Byte.SIZE;
        }
        return set;
    }

    public byte[] toBytes() {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) (words[i >> 3] >>> (i & 7) * Byte.SIZE);
        }
        return bytes;
    }

    public boolean contains(int slot) {
        return (words[slot >> 6] & 1L << slot) != 0;
    }

    public void add(int slot) {
        words[slot >> 6] |= 1L << slot;
    }

    public void add(SlotRange range) {
        for (int slot = range.first(); slot <= range.last(); slot++) {
            add(slot);
        }
    }

    public void remove(int slot) {
        words[slot >> 6] &= ~(1L << slot);
    }

    public void addAll(SlotSet other) {
        for (int i = 0; i < words.length; i++) {
            words[i] |= other.words[i];
        }
    }

    public void removeAll(SlotSet other) {
        for (int i = 0; i < words.length; i++) {
            words[i] &= ~other.words[i];
        }
    }

    public void clear() {
        Arrays.fill(words, 0);
    }

    public boolean isEmpty() {
        return next(0) < 0;
    }

    public int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    /** The first slot of the set that is not below {@code from}, or -1. */
    public int next(int from) {
        return from >= Slot.COUNT ? -1 : scan(from, 0);
    }

    private int nextAbsent(int from) {
        int found = from >= Slot.COUNT ? -1 : scan(from, -1L);
        return found < 0 ? Slot.COUNT : found;
    }

    private int scan(int from, long inverted) {
        int i = from >> 6;
        long word = (words[i] ^ inverted) & -1L << from;
        while (word == 0) {
            if (++i == words.length) {
                return -1;
            }
            word = words[i] ^ inverted;
        }
        return (i << 6) + Long.numberOfTrailingZeros(word);
    }

    public void forEach(IntConsumer visitor) {
        for (int slot = next(0); slot >= 0; slot = next(slot + 1)) {
            visitor.accept(slot);
        }
    }

    /** The set as the fewest ranges, ascending. */
    public List<SlotRange> ranges() {
        List<SlotRange> ranges = new ArrayList<>();
        for (int first = next(0); first >= 0; ) {
            int end = nextAbsent(first);
            ranges.add(new SlotRange(first, end - 1));
            first = next(end);
        }
        return ranges;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SlotSet that && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    /** As in nodes.conf: {@code 0-5460 7000}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ");
        ranges().forEach(range -> text.add(range.toString()));
        return text.toString();
    }
}
