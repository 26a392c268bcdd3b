package io.granary.gossip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * An immutable set of slot numbers, held as the bus carries it: slot {@code s} is bit {@code s & 7} of byte {@code s /
 * 8}.
 */
public final class SlotBitmap {

    /** Its length on the bus. */
    public static final int BYTES = ClusterView.SLOTS / Byte.SIZE;

    public static final SlotBitmap EMPTY = new SlotBitmap(new long[ClusterView.SLOTS / Long.SIZE]);

    private final long[] words;
    private final int size;

    private SlotBitmap(long[] words) {
        this.words = words;
        int count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        this.size = count;
    }

    public static SlotBitmap of(int... slots) {
        long[] words = new long[ClusterView.SLOTS / Long.SIZE];
        for (int slot : slots) {
            words[slot >> 6] |= 1L << slot;
        }
        return new SlotBitmap(words);
    }

    /** All slots from {@code first} to {@code last}, both included. */
    public static SlotBitmap range(int first, int last) {
        long[] words = new long[ClusterView.SLOTS / Long.SIZE];
        for (int slot = first; slot <= last; slot++) {
            words[slot >> 6] |= 1L << slot;
        }
        return new SlotBitmap(words);
    }

    /** The set whose words are given; they are copied. */
    static SlotBitmap copyOf(long[] words) {
        return new SlotBitmap(words.clone());
    }

    /** Reads {@link #BYTES} bytes at an absolute offset. */
    public static SlotBitmap read(ByteBuffer in, int offset) {
        ByteBuffer little = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long[] words = new long[ClusterView.SLOTS / Long.SIZE];
        for (int i = 0; i < words.length; i++) {
            words[i] = little.getLong(offset + i * Long.BYTES);
        }
        return new SlotBitmap(words);
    }

    /** Writes {@link #BYTES} bytes at an absolute offset. */
    public void write(ByteBuffer out, int offset) {
        ByteBuffer little = out.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < words.length; i++) {
            little.putLong(offset + i * Long.BYTES, words[i]);
        }
    }

    public boolean contains(int slot) {
        return (words[slot >> 6] & 1L << slot) != 0;
    }

    public int size() {
        return size;
    }

    public boolean intersects(SlotBitmap other) {
        for (int i = 0; i < words.length; i++) {
            if ((words[i] & other.words[i]) != 0) {
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
        for (int slot = from; slot < ClusterView.SLOTS; slot = (slot | 63) + 1) {
            long rest = words[slot >> 6] >>> slot;
            if (rest != 0) {
                return slot + Long.numberOfTrailingZeros(rest);
            }
        }
        return -1;
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
        long[] rest = words.clone();
        for (int i = 0; i < rest.length; i++) {
            rest[i] &= ~other.words[i];
        }
        return new SlotBitmap(rest);
    }

    /** This set with the members of another. */
    public SlotBitmap plus(SlotBitmap other) {
        long[] all = words.clone();
        for (int i = 0; i < all.length; i++) {
            all[i] |= other.words[i];
        }
        return new SlotBitmap(all);
    }

    public boolean containsAll(SlotBitmap other) {
        for (int i = 0; i < words.length; i++) {
            if ((other.words[i] & ~words[i]) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The set as CLUSTER NODES writes it: {@code "0-5460 5462"}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        int start = next(0);
        while (start >= 0) {
            int end = start;
            while (end + 1 < ClusterView.SLOTS && contains(end + 1)) {
                end++;
            }
            text.append(text.isEmpty() ? "" : " ").append(start);
            if (end > start) {
                text.append('-').append(end);
            }
            start = end + 1 < ClusterView.SLOTS ? next(end + 1) : -1;
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SlotBitmap that && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }
}
