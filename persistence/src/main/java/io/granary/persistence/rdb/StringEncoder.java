package io.granary.persistence.rdb;

import io.granary.slots.command.IntegerText;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Writes lengths and strings as Redis does: the text of a 32-bit integer as the integer, what is longer than 20 bytes packed
 * if that saves four bytes, and everything else as it is. Source: rdbSaveRawString in Redis's rdb.c.
 */
final class StringEncoder {

    /** How much room a string takes beyond its own bytes, at most and on the way. */
    static final int EXTRA_BYTES_MAX = 32;

    static final int LENGTH_BYTES_MAX = 9;

    private static final int INTEGER_CHARS_MAX = 11;
    /** Redis has found that nothing shorter gets smaller. */
    private static final int PACKED_BYTES_MIN = 21;
    private static final int SAVING_MIN = 4;
    private static final int PACKED_HEAD_BYTES_MAX = 1 + 2 * LENGTH_BYTES_MAX;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT_BIG = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG_BIG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Lzf lzf;

    /** {@code pack} is {@code rdbcompression}. */
    StringEncoder(boolean pack) {
        lzf = pack ? new Lzf() : null;
    }

    /** Writes a length; returns the offset behind it. */
    static long writeLength(long length, MemorySegment out, long at) {
        if (length < 1 << 6) {
            out.set(BYTE, at, (byte) length);
            return at + 1;
        }
        if (length < 1 << 14) {
            out.set(BYTE, at, (byte) (RdbFormat.LENGTH_14_BITS << 6 | length >>> 8));
            out.set(BYTE, at + 1, (byte) length);
            return at + 2;
        }
        if (length <= 0xFFFF_FFFFL) {
            out.set(BYTE, at, (byte) RdbFormat.LENGTH_32_BITS);
            out.set(INT_BIG, at + 1, (int) length);
            return at + 1 + Integer.BYTES;
        }
        out.set(BYTE, at, (byte) RdbFormat.LENGTH_64_BITS);
        out.set(LONG_BIG, at + 1, length);
        return at + 1 + Long.BYTES;
    }

    /**
     * Writes a string where there is room for its length and {@link #EXTRA_BYTES_MAX} bytes more; returns the offset behind
     * it.
     */
    long write(MemorySegment bytes, long offset, long length, MemorySegment out, long at) {
        if (length <= INTEGER_CHARS_MAX && IntegerText.is(bytes, offset, length)) {
            long value = IntegerText.parse(bytes, offset, length);
            if (value == (int) value) {
                return writeInteger((int) value, out, at);
            }
        }
        if (lzf != null && length >= PACKED_BYTES_MIN && length <= RdbFormat.STRING_BYTES_MAX) {
            long behind = writePacked(bytes, offset, (int) length, out, at);
            if (behind > at) {
                return behind;
            }
        }
        long from = writeLength(length, out, at);
        MemorySegment.copy(bytes, offset, out, from, length);
        return from + length;
    }

    private static long writeInteger(int value, MemorySegment out, long at) {
        long from = at + 1;
        if (value == (byte) value) {
            special(RdbFormat.INT_8, out, at);
            out.set(BYTE, from, (byte) value);
            return from + Byte.BYTES;
        }
        if (value == (short) value) {
            special(RdbFormat.INT_16, out, at);
            out.set(SHORT, from, (short) value);
            return from + Short.BYTES;
        }
        special(RdbFormat.INT_32, out, at);
        out.set(INT, from, value);
        return from + Integer.BYTES;
    }

    private static void special(int encoding, MemorySegment out, long at) {
        out.set(BYTE, at, (byte) (RdbFormat.SPECIAL << 6 | encoding));
    }

    /** Packs behind the longest head there can be, for the head's length follows from the block's; then closes the gap. */
    private long writePacked(MemorySegment bytes, long offset, int length, MemorySegment out, long at) {
        long block = at + PACKED_HEAD_BYTES_MAX;
        long packedLength = lzf.pack(bytes, offset, length, out, block, length - SAVING_MIN);
        if (packedLength == 0) {
            return at;
        }
        special(RdbFormat.LZF, out, at);
        long from = writeLength(length, out, writeLength(packedLength, out, at + 1));
        MemorySegment.copy(out, block, out, from, packedLength);
        return from + packedLength;
    }
}
