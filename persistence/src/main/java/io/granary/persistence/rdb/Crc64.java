package io.granary.persistence.rdb;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The checksum of RDB files and DUMP payloads: CRC-64 with the polynomial of Jones, reflected, begun with 0 and not inverted
 * at the end. The digits {@code 123456789} give {@code e9c6d914c4b8d9ca}.
 *
 * <p>Eight bytes are taken at a step (slicing by 8, Kounavis and Berry 2005): table {@code k} knows what a byte becomes when
 * {@code k} zero bytes follow it, so that the eight look-ups of a step do not wait for each other.
 */
public final class Crc64 {

    private static final long POLYNOMIAL_REFLECTED = 0x95AC9329AC4BC9B5L;
    private static final int SLICES = 8;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long[][] TABLES = tables();

    private Crc64() {}

    private static long[][] tables() {
        long[][] tables = new long[SLICES][256];
        for (int b = 0; b < 256; b++) {
            long crc = b;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ POLYNOMIAL_REFLECTED : crc >>> 1;
            }
            tables[0][b] = crc;
        }
        for (int slice = 1; slice < SLICES; slice++) {
            for (int b = 0; b < 256; b++) {
                long shorter = tables[slice - 1][b];
                tables[slice][b] = tables[0][(int) shorter & 0xFF] ^ shorter >>> Byte.SIZE;
            }
        }
        return tables;
    }

    /** The checksum of what {@code crc} is the checksum of (0 of nothing) with these bytes behind it. */
    public static long update(long crc, MemorySegment bytes, long offset, long length) {
        long value = crc;
        long at = offset;
        long end = offset + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            value = step(value ^ bytes.get(LONG, at));
        }
        for (; at < end; at++) {
            value = TABLES[0][(int) (value ^ bytes.get(ValueLayout.JAVA_BYTE, at)) & 0xFF] ^ value >>> Byte.SIZE;
        }
        return value;
    }

    private static long step(long word) {
        return TABLES[7][(int) word & 0xFF]
                ^ TABLES[6][(int) (word >>> 8) & 0xFF]
                ^ TABLES[5][(int) (word >>> 16) & 0xFF]
                ^ TABLES[4][(int) (word >>> 24) & 0xFF]
                ^ TABLES[3][(int) (word >>> 32) & 0xFF]
                ^ TABLES[2][(int) (word >>> 40) & 0xFF]
                ^ TABLES[1][(int) (word >>> 48) & 0xFF]
                ^ TABLES[0][(int) (word >>> 56)];
    }
}
