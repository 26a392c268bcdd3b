package io.granary.slots.keyspace;

import static io.granary.slots.keyspace.Layouts.BYTE;
import static io.granary.slots.keyspace.Layouts.INT;
import static io.granary.slots.keyspace.Layouts.LONG;

import java.lang.foreign.MemorySegment;

/**
 * How a key and its value lie in one cell.
 *
 * <pre>
 * narrow   header (8) [expiry (8)]                     key  value
 * wide     header (8) key length (4) value length (4) expiry (8)  key  value
 *
 * header, from the lowest bit:
 *   type 4 | encoding 4 | access clock 24 | flags 8 | key length 8 | value length 16
 * </pre>
 *
 * <p>One load of the header tells all there is to know of a narrow record: a key up to 255 bytes, a value up to 65535.
 * The key begins at a multiple of 8, so short keys are compared by whole words, and a key of 16 bytes with a value of
 * 64 takes 88 bytes, 96 with an expiry. Wide records always have room for an expiry, so that setting one never moves a
 * huge value. Room for an expiry that is not set holds -1. A value is what its type says: a string's bytes; for other
 * types a packed block, or a handle.
 *
 * <p>Of the flags the lowest tells of room for an expiry, the next of the wide form, and three are the mark by which
 * snapshots know what they have seen ({@link SnapshotWalk}).
 */
final class RecordLayout {

    static final long HEADER_BYTES = 8;
    static final long NO_EXPIRY = -1;

    private static final int MAX_NARROW_KEY = 0xFF;
    private static final int MAX_NARROW_VALUE = 0xFFFF;

    private static final int ENCODING_SHIFT = 4;
    private static final int CLOCK_SHIFT = 8;
    private static final int CLOCK_MASK = 0xFFFFFF;
    private static final int KEY_SHIFT = 40;
    private static final int VALUE_SHIFT = 48;

    private static final long EXPIRY_FLAG = 1L << 32;
    private static final long WIDE_FLAG = 1L << 33;
    private static final int MARK_SHIFT = 34;
    private static final long MARK_MASK = 7L << MARK_SHIFT;

    /** How many marks there are. */
    static final int MARKS = 8;

    private RecordLayout() {}

    static boolean isWide(int keyLength, long valueLength) {
        return keyLength > MAX_NARROW_KEY || valueLength > MAX_NARROW_VALUE;
    }

    private static boolean isWide(long header) {
        return (header & WIDE_FLAG) != 0;
    }

    static boolean hasExpiryRoom(long header) {
        return (header & EXPIRY_FLAG) != 0;
    }

    /** Bytes before the key: 8 for the header and 8 for each of the two flags, of which wide implies the other. */
    static long headBytes(long header) {
        return HEADER_BYTES + (header >>> 29 & 8) + (header >>> 30 & 8);
    }

    static long headBytes(boolean wide, boolean expiryRoom) {
        return HEADER_BYTES + (wide ? 16 : expiryRoom ? 8 : 0);
    }

    static long header(MemorySegment memory, long record) {
        return memory.get(LONG, record);
    }

    static int type(long header) {
        return (int) header & 0xF;
    }

    static int encoding(long header) {
        return (int) header >>> ENCODING_SHIFT & 0xF;
    }

    static int kind(int type, int encoding) {
        return type | encoding << ENCODING_SHIFT;
    }

    static int kind(long header) {
        return (int) header & 0xFF;
    }

    static int clock(long header) {
        return (int) header >>> CLOCK_SHIFT & CLOCK_MASK;
    }

    /** The type, the encoding and the clock are one 32-bit word, written alone. */
    static void clock(MemorySegment memory, long record, int clock) {
        memory.set(INT, record, memory.get(BYTE, record) & 0xFF | clock << CLOCK_SHIFT);
    }

    static void kind(MemorySegment memory, long record, int kind) {
        memory.set(BYTE, record, (byte) kind);
    }

    static int keyLength(MemorySegment memory, long record, long header) {
        return isWide(header) ? memory.get(INT, record + HEADER_BYTES) : (int) (header >>> KEY_SHIFT) & MAX_NARROW_KEY;
    }

    static long valueLength(MemorySegment memory, long record, long header) {
        return isWide(header) ? memory.get(INT, record + HEADER_BYTES + 4) : header >>> VALUE_SHIFT;
    }

    static long keyOffset(long record, long header) {
        return record + headBytes(header);
    }

    static long valueOffset(MemorySegment memory, long record, long header) {
        return keyOffset(record, header) + keyLength(memory, record, header);
    }

    /** Unix time in milliseconds, or {@link #NO_EXPIRY}. */
    static long expiry(MemorySegment memory, long record, long header) {
        return hasExpiryRoom(header) ? memory.get(LONG, expiryOffset(record, header)) : NO_EXPIRY;
    }

    private static long expiryOffset(long record, long header) {
        return record + headBytes(header) - 8;
    }

    /** Only for a record with room for it. */
    static void expiry(MemorySegment memory, long record, long header, long expiryMs) {
        memory.set(LONG, expiryOffset(record, header), expiryMs);
    }

    /** The mark after another one, in its place within a header, as all marks are. */
    static long nextMark(long mark) {
        return mark + (1L << MARK_SHIFT) & MARK_MASK;
    }

    static long mark(long header) {
        return header & MARK_MASK;
    }

    static void mark(MemorySegment memory, long record, long mark) {
        memory.set(LONG, record, header(memory, record) & ~MARK_MASK | mark);
    }

    /** Writes everything before the key. */
    static void writeHead(
            MemorySegment memory, long record, long mark,
            int kind, int clock, int keyLength, long valueLength, boolean expiryRoom, long expiryMs) {
        long header = mark | kind | (long) clock << CLOCK_SHIFT;
        if (isWide(keyLength, valueLength)) {
            header |= WIDE_FLAG | EXPIRY_FLAG;
            memory.set(INT, record + HEADER_BYTES, keyLength);
            memory.set(INT, record + HEADER_BYTES + 4, (int) valueLength);
        } else {
            header |= (long) keyLength << KEY_SHIFT | valueLength << VALUE_SHIFT | (expiryRoom ? EXPIRY_FLAG : 0);
        }
        memory.set(LONG, record, header);
        if (hasExpiryRoom(header)) {
            expiry(memory, record, header, expiryMs);
        }
    }

    static boolean keyEquals(MemorySegment memory, long record, MemorySegment key, long offset, int length) {
        long header = header(memory, record);
        return keyLength(memory, record, header) == length
                && Layouts.equal(memory, keyOffset(record, header), key, offset, length);
    }
}
