package io.granary.slots;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The rule that gives every key its hash slot.
 *
 * <p>A slot is the CRC16 of the key modulo {@link #COUNT}. If the key holds a {@code {} and behind it a {@code }} with at
 * least one byte between, only the bytes between the first {@code {} and the first {@code }} behind it count (the hash tag),
 * so that users can place keys together. Redis Cluster specification, "Key distribution model" and "Hash tags".
 */
public final class Slot {

    /** The number of hash slots of a cluster. */
    public static final int COUNT = 16384;

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private Slot() {}

    public static boolean isValid(long slot) {
        return slot >= 0 && slot < COUNT;
    }

    /** The slot of a key that lies in native memory. */
    public static int of(MemorySegment key, long offset, int length) {
        long end = offset + length;
        long open = indexOf(key, offset, end, '{');
        if (open < end) {
            long close = indexOf(key, open + 1, end, '}');
            if (close < end && close > open + 1) {
                return Crc16.of(key, open + 1, close - open - 1) & COUNT - 1;
            }
        }
        return Crc16.of(key, offset, length) & COUNT - 1;
    }

    public static int of(byte[] key) {
        int open = indexOf(key, 0, '{');
        if (open < key.length) {
            int close = indexOf(key, open + 1, '}');
            if (close < key.length && close > open + 1) {
                return Crc16.of(key, open + 1, close - open - 1) & COUNT - 1;
            }
        }
        return Crc16.of(key, 0, key.length) & COUNT - 1;
    }

    private static long indexOf(MemorySegment bytes, long from, long end, char wanted) {
        long i = from;
        long pattern = wanted * ONES;
        while (end - i >= Long.BYTES && !hasZeroByte(bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, i) ^ pattern)) {
            i += Long.BYTES;
        }
        while (i < end && bytes.get(ValueLayout.JAVA_BYTE, i) != wanted) {
            i++;
        }
        return i;
    }

    private static boolean hasZeroByte(long word) {
        return (word - ONES & ~word & HIGHS) != 0;
    }

    private static int indexOf(byte[] bytes, int from, char wanted) {
        int i = from;
        while (i < bytes.length && bytes[i] != wanted) {
            i++;
        }
        return i;
    }
}
