package io.granary.slots;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The checksum that spreads keys over slots: CRC16 in its XMODEM form (polynomial 0x1021, start 0, nothing reflected).
 *
 * <p>Eight bytes are taken at a time ("slicing by 8", Kounavis and Berry 2005): table {@code k} tells what a byte
 * contributes when {@code k} more bytes follow it, and since a CRC is linear the contributions of eight bytes, looked
 * up independently of one another, are just combined.
 */
public final class Crc16 {

    private static final int SLICES = 8;
    private static final int ENTRIES = 256;
    private static final ValueLayout.OfLong BIG_ENDIAN = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Table {@code k} begins at {@code k * ENTRIES}. */
    private static final char[] TABLE = table();

    private Crc16() {}

    private static char[] table() {
        char[] table = new char[SLICES * ENTRIES];
        for (int i = 0; i < ENTRIES; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            table[i] = (char) crc;
        }
        for (int i = ENTRIES; i < table.length; i++) {
            int before = table[i - ENTRIES];
            table[i] = (char) (before << 8 ^ table[before >>> 8]);
        }
        return table;
    }

    public static int of(MemorySegment bytes, long offset, long length) {
        int crc = 0;
        long i = offset;
        long end = offset + length;
        for (; end - i >= Long.BYTES; i += Long.BYTES) {
            crc = step8(crc, bytes.get(BIG_ENDIAN, i));
        }
        for (; i < end; i++) {
            crc = step(crc, bytes.get(ValueLayout.JAVA_BYTE, i));
        }
        return crc;
    }

    public static int of(byte[] bytes, int offset, int length) {
        int crc = 0;
        for (int i = offset, end = offset + length; i < end; i++) {
            crc = step(crc, bytes[i]);
        }
        return crc;
    }

    private static int step(int crc, byte b) {
        return crc << 8 & 0xFFFF ^ TABLE[(crc >>> 8 ^ b) & 0xFF];
    }

    /** Eight bytes, the first in the highest byte of {@code word}. */
    private static int step8(int crc, long word) {
        long w = word ^ (long) crc << 48;
        return TABLE[7 * ENTRIES + (int) (w >>> 56)]
                ^ TABLE[6 * ENTRIES + ((int) (w >>> 48) & 0xFF)]
                ^ TABLE[5 * ENTRIES + ((int) (w >>> 40) & 0xFF)]
                ^ TABLE[4 * ENTRIES + ((int) (w >>> 32) & 0xFF)]
                ^ TABLE[3 * ENTRIES + ((int) (w >>> 24) & 0xFF)]
                ^ TABLE[2 * ENTRIES + ((int) (w >>> 16) & 0xFF)]
                ^ TABLE[ENTRIES + ((int) (w >>> 8) & 0xFF)]
                ^ TABLE[(int) w & 0xFF];
    }
}
