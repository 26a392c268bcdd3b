package io.granary.persistence.rdb;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * LZF blocks as Redis puts long strings into: quick to make, quicker to read, and good at text that repeats itself.
 *
 * <p>A block is a row of items, told apart by the upper three bits of their first byte:
 *
 * <pre>
 * 000LLLLL                    L + 1 literal bytes follow (1 to 32)
 * LLLooooo oooooooo           a copy of L + 2 bytes (3 to 8), o + 1 bytes back in what was unpacked so far
 * 111ooooo LLLLLLLL oooooooo  a copy of L + 9 bytes (9 to 264)
 * </pre>
 *
 * <p>A copy may reach into what it makes itself, which is how runs are written. The packer remembers, by a hash of three
 * bytes, where it saw them last, and makes a copy if they are there indeed. Positions count on from one block to the next,
 * so that what the table remembers of earlier blocks is seen to lie before this one: the table need not be cleared, and the
 * same input always gives the same block. The blocks differ from liblzf's, which hashes otherwise, but each reads those of
 * the other.
 *
 * <p>An instance packs one block at a time.
 */
public final class Lzf {

    /** No block unpacks to more than this many times its length: three bytes give 264 at most. */
    public static final int EXPANSION_MAX = 88;

    private static final int LITERALS_MAX = 32;
    private static final int COPY_MIN = 3;
    private static final int COPY_MAX = 264;
    private static final int SHORT_COPY_MAX = 8;
    private static final int DISTANCE_MAX = 1 << 13;
    private static final int TABLE_BITS_MIN = 8;
    private static final int TABLE_BITS_MAX = 15;
    private static final int HASH_MULTIPLIER = 0x9E3779B1;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private int[] table = new int[1 << TABLE_BITS_MIN];
    private int tableBits = TABLE_BITS_MIN;
    /** What the first byte of the next block is counted as; all that the table holds is less. */
    private int base = 1;

    private MemorySegment in;
    private long start;
    private MemorySegment out;
    private long at;
    private long end;

    /**
     * Packs {@code length} bytes into at most {@code room} bytes from {@code outOffset} on.
     *
     * @return the length of the block, or 0 if it has no room: the bytes are not worth packing then
     */
    public long pack(MemorySegment source, long offset, int length, MemorySegment target, long outOffset, long room) {
        prepare(length);
        in = source;
        start = offset;
        out = target;
        at = outOffset;
        end = outOffset + room;
        boolean fits = pack(length);
        base += length;
        in = null;
        out = null;
        return fits ? at - outOffset : 0;
    }

    private void prepare(int length) {
        int bits = Math.clamp(Integer.SIZE - Integer.numberOfLeadingZeros(length), TABLE_BITS_MIN, TABLE_BITS_MAX);
        if (bits > tableBits) {
            tableBits = bits;
            table = new int[1 << bits];
            base = 1;
        } else if (base > Integer.MAX_VALUE - length) {
            Arrays.fill(table, 0);
            base = 1;
        }
    }

    private boolean pack(int length) {
        int literals = 0;
        int i = 0;
        while (i < length - COPY_MIN + 1) {
            int candidate = remember(i);
            int copied = candidate < 0 ? 0 : matching(candidate, i, Math.min(length - i, COPY_MAX));
            if (copied < COPY_MIN) {
                i++;
                continue;
            }
            if (!literals(literals, i) || !copy(i - candidate, copied)) {
                return false;
            }
            for (int last = Math.min(i + copied, length - COPY_MIN + 1), j = Math.max(i + 1, last - 2); j < last; j++) {
                remember(j);
            }
            i += copied;
            literals = i;
        }
        return literals(literals, length);
    }

    /** Notes that the three bytes at {@code i} are there; returns where they may have been before, or a negative number. */
    private int remember(int i) {
        int three = byteAt(i) & 0xFF | (byteAt(i + 1) & 0xFF) << 8 | (byteAt(i + 2) & 0xFF) << 16;
        int slot = three * HASH_MULTIPLIER >>> Integer.SIZE - tableBits;
        int candidate = table[slot] - base;
        table[slot] = base + i;
        return i - candidate <= DISTANCE_MAX ? candidate : -1;
    }

    private byte byteAt(int i) {
        return in.get(BYTE, start + i);
    }

    private int matching(int candidate, int i, int max) {
        int same = 0;
        while (same < max && byteAt(candidate + same) == byteAt(i + same)) {
            same++;
        }
        return same;
    }

    private boolean literals(int from, int to) {
        for (int i = from; i < to; ) {
            int count = Math.min(to - i, LITERALS_MAX);
            if (end - at < count + 1) {
                return false;
            }
            out.set(BYTE, at++, (byte) (count - 1));
            MemorySegment.copy(in, start + i, out, at, count);
            at += count;
            i += count;
        }
        return true;
    }

    private boolean copy(int distance, int length) {
        boolean isShort = length <= SHORT_COPY_MAX;
        if (end - at < (isShort ? 2 : 3)) {
            return false;
        }
        int back = distance - 1;
        if (isShort) {
            out.set(BYTE, at++, (byte) (length - 2 << 5 | back >>> 8));
        } else {
            out.set(BYTE, at++, (byte) (7 << 5 | back >>> 8));
            out.set(BYTE, at++, (byte) (length - SHORT_COPY_MAX - 1));
        }
        out.set(BYTE, at++, (byte) back);
        return true;
    }

    /** Unpacks a block that must give exactly {@code outLength} bytes; returns whether it is a block that does. */
    public static boolean unpack(
            MemorySegment source, long offset, long length, MemorySegment target, long outOffset, long outLength) {
        long from = offset;
        long fromEnd = offset + length;
        long to = outOffset;
        long toEnd = outOffset + outLength;
        while (from < fromEnd) {
            int control = source.get(BYTE, from++) & 0xFF;
            if (control < LITERALS_MAX) {
                int count = control + 1;
                if (fromEnd - from < count || toEnd - to < count) {
                    return false;
                }
                MemorySegment.copy(source, from, target, to, count);
                from += count;
                to += count;
                continue;
            }
            int count = (control >>> 5) + 2;
            boolean isLong = count == SHORT_COPY_MAX + 1;
            if (fromEnd - from < (isLong ? 2 : 1)) {
                return false;
            }
            if (isLong) {
                count += source.get(BYTE, from++) & 0xFF;
            }
            int distance = ((control & 0x1F) << 8 | source.get(BYTE, from++) & 0xFF) + 1;
            if (toEnd - to < count || distance > to - outOffset) {
                return false;
            }
            repeat(target, to, distance, count);
            to += count;
        }
        return to == toEnd;
    }

    /** Copies bytes from {@code distance} back, those among them that the copy itself makes included. */
    private static void repeat(MemorySegment target, long to, int distance, int count) {
        if (distance >= count) {
            MemorySegment.copy(target, to - distance, target, to, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            target.set(BYTE, to + i, target.get(BYTE, to + i - distance));
        }
    }
}
