package io.granary.slots.keyspace;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How numbers lie in native memory (little-endian, at any address), and how short runs of bytes are copied and compared. */
final class Layouts {

    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Up to here a loop over longs is faster than the call of a bulk copy. */
    private static final int SHORT_COPY = 128;

    private Layouts() {}

    /** A copy of an array in native memory, for as long as the garbage collector sees it used. */
    static MemorySegment nativeCopy(byte[] bytes) {
        MemorySegment copy = Arena.ofAuto().allocate(Math.max(1, bytes.length));
        MemorySegment.copy(bytes, 0, copy, BYTE, 0, bytes.length);
        return copy;
    }

    static boolean equal(MemorySegment one, long oneOffset, MemorySegment other, long otherOffset, int length) {
        if (length < 8) {
            return equalShort(one, oneOffset, other, otherOffset, length);
        }
        int last = length - 8;
        for (int i = 0; i < last; i += 8) {
            if (one.get(LONG, oneOffset + i) != other.get(LONG, otherOffset + i)) {
                return false;
            }
        }
        return one.get(LONG, oneOffset + last) == other.get(LONG, otherOffset + last);
    }

    private static boolean equalShort(
            MemorySegment one, long oneOffset, MemorySegment other, long otherOffset, int length) {
        if (length >= 4) {
            return one.get(INT, oneOffset) == other.get(INT, otherOffset)
                    && one.get(INT, oneOffset + length - 4) == other.get(INT, otherOffset + length - 4);
        }
        for (int i = 0; i < length; i++) {
            if (one.get(BYTE, oneOffset + i) != other.get(BYTE, otherOffset + i)) {
                return false;
            }
        }
        return true;
    }

    /** Copies between places that do not overlap. */
    static void copy(MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long length) {
        if (length > SHORT_COPY) {
            MemorySegment.copy(from, fromOffset, to, toOffset, length);
        } else if (length >= 8) {
            int last = (int) length - 8;
            for (int i = 0; i < last; i += 8) {
                to.set(LONG, toOffset + i, from.get(LONG, fromOffset + i));
            }
            to.set(LONG, toOffset + last, from.get(LONG, fromOffset + last));
        } else {
            for (int i = 0; i < length; i++) {
                to.set(BYTE, toOffset + i, from.get(BYTE, fromOffset + i));
            }
        }
    }
}
