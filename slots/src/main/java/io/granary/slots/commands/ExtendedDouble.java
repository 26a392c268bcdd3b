package io.granary.slots.commands;

import java.math.BigInteger;

/**
 * A finite number of the x87's 80-bit floating point format, which is what {@code long double} means to Redis on x86: a
 * mantissa of 64 bits times a power of two, rounded to nearest, ties to even.
 *
 * <p>INCRBYFLOAT is defined by this arithmetic: 17 digits behind the point are printed of it, more than a double holds, so a
 * double would answer differently from Redis. Only what that command needs is here: reading a number as strtold does, adding
 * two and printing as {@code %.17Lf} does with the trailing zeros cut off.
 *
 * <p>Source: string2ld and ld2string in Redis's util.c; Intel SDM volume 1, 4.2.2.
 *
 * @param mantissa signed, at most 64 bits
 * @param exponent the power of two that the mantissa is multiplied with
 */
record ExtendedDouble(BigInteger mantissa, int exponent) {

    static final ExtendedDouble ZERO = new ExtendedDouble(BigInteger.ZERO, 0);

    private static final int MANTISSA_BITS = 64;
    /** The exponent of the last bit of the smallest number. */
    private static final int EXPONENT_MIN = -16445;
    /** A number is infinite from two to this power on. */
    private static final int INFINITE_BITS = 16384;
    /** Redis reads a number into a buffer of this many bytes, its end mark included. */
    static final int TEXT_BYTES_MAX = 5 * 1024;
    /** No decimal exponent beyond this changes an outcome: the digits before it are too few to make up for it. */
    private static final int DECIMAL_EXPONENT_MAX = 20_000;
    private static final int FRACTION_DIGITS = 17;
    private static final BigInteger FRACTION_SCALE = BigInteger.TEN.pow(FRACTION_DIGITS);

    /** What a text stands for. */
    sealed interface Parsed {}

    /** A finite number. */
    record Finite(ExtendedDouble value) implements Parsed {}

    /** The word for infinity, which Redis reads and then refuses as a sum. */
    record Infinite() implements Parsed {}

    /** No number, or one too large or too small. */
    record Invalid() implements Parsed {}

    static ExtendedDouble of(long value) {
        return new ExtendedDouble(BigInteger.valueOf(value), 0);
    }

    /** Reads what strtold reads, the whole text and nothing around it. */
    static Parsed parse(String text) {
        if (text.isEmpty() || text.length() >= TEXT_BYTES_MAX) {
            return new Invalid();
        }
        boolean negative = text.charAt(0) == '-';
        String magnitude = negative || text.charAt(0) == '+' ? text.substring(1) : text;
        if (magnitude.equalsIgnoreCase("inf") || magnitude.equalsIgnoreCase("infinity")) {
            return new Infinite();
        }
        boolean hexadecimal = magnitude.length() > 2 && magnitude.charAt(0) == '0' && (magnitude.charAt(1) | 0x20) == 'x';
        Digits digits = Digits.read(magnitude, hexadecimal);
        if (digits == null) {
            return new Invalid();
        }
        if (digits.value.signum() == 0) {
            return new Finite(ZERO);
        }
        BigInteger signed = negative ? digits.value.negate() : digits.value;
        ExtendedDouble value = hexadecimal ? rounded(signed, digits.exponent) : scaledByTen(signed, digits.exponent);
        return value == null || value.mantissa.signum() == 0 ? new Invalid() : new Finite(value);
    }

    /** The sum, or null where it is infinite. */
    ExtendedDouble plus(ExtendedDouble other) {
        int common = Math.min(exponent, other.exponent);
        BigInteger sum = mantissa.shiftLeft(exponent - common).add(other.mantissa.shiftLeft(other.exponent - common));
        return rounded(sum, common);
    }

    /** Plain decimal digits, 17 behind the point at most, without trailing zeros. */
    @Override
    public String toString() {
        BigInteger magnitude = mantissa.abs().multiply(FRACTION_SCALE);
        BigInteger scaled = exponent >= 0 ? magnitude.shiftLeft(exponent) : shiftRightToNearest(magnitude, -exponent, false);
        String digits = scaled.toString();
        if (digits.length() <= FRACTION_DIGITS) {
            digits = "0".repeat(FRACTION_DIGITS + 1 - digits.length()) + digits;
        }
        int end = digits.length();
        int point = end - FRACTION_DIGITS;
        while (end > point && digits.charAt(end - 1) == '0') {
            end--;
        }
        String fraction = end == point ? "" : "." + digits.substring(point, end);
        String text = digits.substring(0, point) + fraction;
        return mantissa.signum() < 0 && !text.equals("0") ? "-" + text : text;
    }

    /** {@code digits} times ten to the {@code power}; null where infinite. */
    private static ExtendedDouble scaledByTen(BigInteger digits, int power) {
        if (power >= 0) {
            return rounded(digits.multiply(BigInteger.TEN.pow(power)), 0);
        }
        BigInteger divisor = BigInteger.TEN.pow(-power);
        // Enough bits of quotient to round at the 64th, and one below them that says whether anything was left over.
        int shift = Math.max(0, MANTISSA_BITS + 3 + divisor.bitLength() - digits.bitLength());
        BigInteger[] parts = digits.abs().shiftLeft(shift).divideAndRemainder(divisor);
        BigInteger quotient = parts[0].shiftLeft(1);
        if (parts[1].signum() != 0) {
            quotient = quotient.setBit(0);
        }
        return rounded(digits.signum() < 0 ? quotient.negate() : quotient, -shift - 1);
    }

    /** The nearest number of the format; null where infinite. */
    private static ExtendedDouble rounded(BigInteger value, int exponent) {
        int excess = Math.max(value.abs().bitLength() - MANTISSA_BITS, EXPONENT_MIN - exponent);
        ExtendedDouble result = new ExtendedDouble(value, exponent);
        if (excess > 0) {
            result = new ExtendedDouble(shiftRightToNearest(value.abs(), excess, value.signum() < 0), exponent + excess);
        }
        return result.mantissa.abs().bitLength() + result.exponent > INFINITE_BITS ? null : result;
    }

    private static BigInteger shiftRightToNearest(BigInteger magnitude, int bits, boolean negate) {
        BigInteger quotient = magnitude.shiftRight(bits);
        boolean half = magnitude.testBit(bits - 1);
        if (half && (quotient.testBit(0) || magnitude.getLowestSetBit() < bits - 1)) {
            quotient = quotient.add(BigInteger.ONE);
        }
        return negate ? quotient.negate() : quotient;
    }

    /** The digits of a number without its sign, as an integer, and the power of ten, or of two, that goes with it. */
    private record Digits(BigInteger value, int exponent) {

        /** Null when the text is not a number from its first to its last character. */
        static Digits read(String text, boolean hexadecimal) {
            int radix = hexadecimal ? 16 : 10;
            int at = hexadecimal ? 2 : 0;
            StringBuilder digits = new StringBuilder();
            int behindPoint = 0;
            boolean pointSeen = false;
            for (; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '.' && !pointSeen) {
                    pointSeen = true;
                } else if (c < 128 && Character.digit(c, radix) >= 0) {
                    digits.append(c);
                    behindPoint += pointSeen ? 1 : 0;
                } else {
                    break;
                }
            }
            Integer exponent = exponent(text, at, hexadecimal ? 'p' : 'e');
            if (digits.isEmpty() || exponent == null) {
                return null;
            }
            int unit = hexadecimal ? 4 : 1;
            return new Digits(new BigInteger(digits.toString(), radix), exponent - behindPoint * unit);
        }

        /** The exponent that takes the rest of the text, 0 when there is no rest, null when that is something else. */
        private static Integer exponent(String text, int from, char letter) {
            if (from == text.length()) {
                return 0;
            }
            if ((text.charAt(from) | 0x20) != letter) {
                return null;
            }
            int at = from + 1;
            boolean negative = at < text.length() && text.charAt(at) == '-';
            if (negative || at < text.length() && text.charAt(at) == '+') {
                at++;
            }
            if (at == text.length()) {
                return null;
            }
            int limit = letter == 'p' ? 4 * DECIMAL_EXPONENT_MAX : DECIMAL_EXPONENT_MAX;
            int value = 0;
            for (; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c < '0' || c > '9') {
                    return null;
                }
                value = Math.min(value * 10 + (c - '0'), limit);
            }
            return negative ? -value : value;
        }
    }
}
