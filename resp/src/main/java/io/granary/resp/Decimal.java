package io.granary.resp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Decimal digits of integers, written without making a String. */
final class Decimal {

    /** The longest: {@code -9223372036854775808}. */
    static final int MAX_BYTES = 20;

    private static final int MAX_DIGITS = 19;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private Decimal() {}

    /** Writes the value at {@code at} and returns the index behind it. */
    static int write(long value, byte[] target, int at) {
        int end = at + length(value);
        long rest = negated(value);
        int i = end;
        do {
            long quotient = rest / 10;
            target[--i] = (byte) ('0' + (quotient * 10 - rest));
            rest = quotient;
        } while (rest != 0);
        if (value < 0) {
            target[at] = '-';
        }
        return end;
    }

    /** Writes the value at {@code at} and returns the index behind it. */
    static int write(long value, MemorySegment target, int at) {
        int end = at + length(value);
        long rest = negated(value);
        int i = end;
        do {
            long quotient = rest / 10;
            target.set(BYTE, --i, (byte) ('0' + (quotient * 10 - rest)));
            rest = quotient;
        } while (rest != 0);
        if (value < 0) {
            target.set(BYTE, at, (byte) '-');
        }
        return end;
    }

    /** The number of bytes of the value's text. */
    static int length(long value) {
        int sign = value < 0 ? 1 : 0;
        long rest = negated(value);
        long bound = -10;
        for (int digits = 1; digits < MAX_DIGITS; digits++) {
            if (rest > bound) {
                return sign + digits;
            }
            bound *= 10;
        }
        return sign + MAX_DIGITS;
    }

    /** Minus the magnitude: negative numbers reach one further than positive ones. */
    private static long negated(long value) {
        return value < 0 ? value : -value;
    }
}
