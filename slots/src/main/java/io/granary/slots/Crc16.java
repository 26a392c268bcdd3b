package io.granary.slots;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The checksum that spreads keys over slots: CRC16 in its XMODEM form (polynomial 0x1021, start 0, nothing reflected). */
public final class Crc16 {

    private static final char[] TABLE = table();

    private Crc16() {}

    private static char[] table() {
        char[] table = new char[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            table[i] = (char) crc;
        }
        return table;
    }

    public static int of(MemorySegment bytes, long offset, long length) {
        int crc = 0;
        for (long i = offset, end = offset + length; i < end; i++) {
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
}
