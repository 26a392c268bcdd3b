package io.granary.slots.command;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The one text that a 64-bit integer has in Redis: no plus, no spaces, no leading zeros, no {@code -0}. What fits it can be
 * counted with and is told as encoding {@code int}. Source: string2ll in Redis's util.c.
 */
public final class IntegerText {

    /** The longest text, that of the smallest integer. */
    public static final int BYTES_MAX = 20;

    private static final int DIGITS_MAX = 19;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private IntegerText() {}

    /** Whether the bytes are the text of an integer. */
    public static boolean is(MemorySegment bytes, long offset, long length) {
        if (length == 0 || length > BYTES_MAX) {
            return false;
        }
        boolean negative = bytes.get(BYTE, offset) == '-';
        long first = negative ? offset + 1 : offset;
        long end = offset + length;
        if (end - first > DIGITS_MAX || first == end) {
            return false;
        }
        if (bytes.get(BYTE, first) == '0') {
            return length == 1;
        }
        long value = 0;
        for (long at = first; at < end; at++) {
            int digit = bytes.get(BYTE, at) - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            value = value * 10 + digit;
        }
        // Nineteen digits fit 64 bits without a sign, so that too large a number shows as a negative one.
        return value >= 0 || negative && value == Long.MIN_VALUE;
    }

    /** The integer that the bytes are the text of, as {@link #is} has told. */
    public static long parse(MemorySegment bytes, long offset, long length) {
        boolean negative = bytes.get(BYTE, offset) == '-';
        long value = 0;
        for (long at = negative ? offset + 1 : offset, end = offset + length; at < end; at++) {
            value = value * 10 + (bytes.get(BYTE, at) - '0');
        }
        return negative ? -value : value;
    }

    /** Writes the text of an integer; returns its length. */
    public static int write(long value, MemorySegment into) {
        int end = BYTES_MAX;
        long rest = value;
        do {
            into.set(BYTE, --end, (byte) ('0' + Math.abs((int) (rest % 10))));
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            into.set(BYTE, --end, (byte) '-');
        }
        MemorySegment.copy(into, end, into, 0, BYTES_MAX - end);
        return BYTES_MAX - end;
    }
}
