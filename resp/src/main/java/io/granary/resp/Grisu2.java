package io.granary.resp;

import java.math.BigInteger;

/**
 * The decimal digits of a double, by Florian Loitsch's Grisu2: enough to read the same double back, the fewest in all but
 * about one case of a thousand, where it yields one more than needed. Redis 7.2 and later write doubles with it, so those
 * cases are kept: replies and snapshots are to agree to the byte, which the digits of {@link Double#toString} would not.
 *
 * <h2>Idea</h2>
 * Every decimal number between the two midpoints to the neighbouring doubles reads back as this one. The upper midpoint,
 * the double and the lower midpoint are scaled by a cached power of ten into 64-bit fractions such that the
 * part before the binary point has at most ten digits. Digits of the upper midpoint are then taken from the left until
 * what is left is smaller than the distance between the midpoints: all shorter numbers lie outside. Last, the
 * final digit is lowered towards the double itself as long as that brings it closer. The scaling is inexact by a unit in
 * the last place, so the midpoints are first moved inwards by one.
 *
 * <p>Source: Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with Integers", PLDI 2010; which choices Redis
 * makes where the paper leaves one: deps/fpconv of Redis 7.4.
 */
final class Grisu2 {

    private static final int FRACTION_BITS = 52;
    private static final long HIDDEN_BIT = 1L << FRACTION_BITS;
    private static final int EXPONENT_BIAS = 1023 + FRACTION_BITS;

    private static final int FIRST_POWER = -348;
    private static final int POWER_STEP = 8;
    private static final int POWERS = 87;
    /** The bounds of a scaled number's binary exponent. */
    private static final int LEAST_EXPONENT = -60;
    private static final int GREATEST_EXPONENT = -32;
    private static final double LOG10_OF_2 = 0.30102999566398114;

    /** 10^(-348 + 8i) as a normalized 64-bit fraction, rounded, times a power of two. */
    private static final long[] POWER_FRACTIONS = new long[POWERS];
    private static final int[] POWER_EXPONENTS = new int[POWERS];

    static {
        for (int i = 0; i < POWERS; i++) {
            int power = FIRST_POWER + i * POWER_STEP;
            BigInteger ten = BigInteger.TEN.pow(Math.abs(power));
            int scale = power < 0 ? ten.bitLength() + 2 * Long.SIZE : 2 * Long.SIZE;
            BigInteger scaled = power < 0 ? BigInteger.ONE.shiftLeft(scale).divide(ten) : ten.shiftLeft(scale);
            int excess = scaled.bitLength() - Long.SIZE;
            BigInteger rounded = scaled.shiftRight(excess - 1).add(BigInteger.ONE).shiftRight(1);
            POWER_FRACTIONS[i] = rounded.longValue();
            POWER_EXPONENTS[i] = excess - scale;
        }
    }

    /** Up to 17 digits as ASCII; the number is {@code digits * 10^exponent}. */
    final byte[] digits = new byte[18];
    int count;
    int exponent;

    /** Finds the digits of a positive, finite double. */
    void convert(double value) {
        long bits = Double.doubleToRawLongBits(value);
        long fraction = bits & HIDDEN_BIT - 1;
        int biased = (int) (bits >>> FRACTION_BITS);
        int binaryExponent = Math.max(biased, 1) - EXPONENT_BIAS;
        if (biased != 0) {
            fraction += HIDDEN_BIT;
        }
        long upper = (fraction << 1) + 1;
        int upperShift = Long.numberOfLeadingZeros(upper);
        int upperExponent = binaryExponent - 1 - upperShift;
        int lowerShift = fraction == HIDDEN_BIT ? 2 : 1;
        long lower = (fraction << lowerShift) - 1 << binaryExponent - lowerShift - upperExponent;

        int power = powerFor(upperExponent);
        long scale = POWER_FRACTIONS[power];
        exponent = -(FIRST_POWER + power * POWER_STEP);
        long scaledUpper = product(upper << upperShift, scale) - 1;
        long scaledLower = product(lower, scale) + 1;
        long scaledValue = product(fraction << Long.numberOfLeadingZeros(fraction), scale);
        generate(scaledUpper, scaledUpper - scaledValue, scaledUpper - scaledLower,
                -(upperExponent + POWER_EXPONENTS[power] + Long.SIZE));
    }

    private static int powerFor(int binaryExponent) {
        int index = ((int) (-(binaryExponent + POWERS) * LOG10_OF_2) - FIRST_POWER) / POWER_STEP;
        while (true) {
            int scaled = binaryExponent + POWER_EXPONENTS[index] + Long.SIZE;
            if (scaled < LEAST_EXPONENT) {
                index++;
            } else if (scaled > GREATEST_EXPONENT) {
                index--;
            } else {
                return index;
            }
        }
    }

    /** The upper half of the product of two unsigned fractions, rounded. */
    private static long product(long a, long b) {
        return Math.unsignedMultiplyHigh(a, b) + (a * b >>> 63);
    }

    /**
     * @param upper    the upper midpoint, a fixed-point number with {@code point} bits behind the point
     * @param distance from the double up to it
     * @param span     from the lower midpoint up to it
     */
    private void generate(long upper, long distance, long span, int point) {
        long one = 1L << point;
        long whole = upper >>> point;
        long rest = upper & one - 1;
        count = 0;
        int kappa = 10;
        for (long unit = 1_000_000_000L; kappa > 0; unit /= 10) {
            append((int) (whole / unit));
            whole %= unit;
            kappa--;
            long left = (whole << point) + rest;
            if (Long.compareUnsigned(left, span) <= 0) {
                exponent += kappa;
                approach(span, left, unit << point, distance);
                return;
            }
        }
        long scale = 1;
        long scaledSpan = span;
        do {
            rest *= 10;
            scaledSpan *= 10;
            scale *= 10;
            kappa--;
            append((int) (rest >>> point));
            rest &= one - 1;
        } while (Long.compareUnsigned(rest, scaledSpan) >= 0);
        exponent += kappa;
        approach(scaledSpan, rest, one, distance * scale);
    }

    private void append(int digit) {
        if (digit != 0 || count != 0) {
            digits[count++] = (byte) ('0' + digit);
        }
    }

    /** Lowers the last digit, worth {@code unit}, while that stays within the span and comes closer to the double. */
    private void approach(long span, long left, long unit, long distance) {
        long rest = left;
        while (Long.compareUnsigned(rest, distance) < 0
                && Long.compareUnsigned(span - rest, unit) >= 0
                && (Long.compareUnsigned(rest + unit, distance) < 0
                        || Long.compareUnsigned(distance - rest, rest + unit - distance) > 0)) {
            digits[count - 1]--;
            rest += unit;
        }
    }
}
