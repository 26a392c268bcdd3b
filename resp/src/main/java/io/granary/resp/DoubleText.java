package io.granary.resp;

import java.nio.charset.StandardCharsets;

/**
 * The text of a double as Redis 7.2 and later write it: integers up to 2^62 in full, other numbers with the digits of
 * {@link Grisu2}, plain or with an exponent. {@link #of} is for everybody; an instance is a scratch pad of one writer,
 * which allocates nothing.
 *
 * <p>Source: {@code d2string} of util.c and {@code emit_digits} of deps/fpconv in Redis 7.4.
 */
public final class DoubleText {

    /** Up to here an integral double is written as an integer. */
    private static final double GREATEST_INTEGER = 0x1p62;
    /** An integer may end in so many zeros, and a fraction begin with so many, before an exponent is shorter. */
    private static final int ZEROS = 7;
    /** A number with a fraction and a decimal exponent (up or down) below this is never written with an exponent. */
    private static final int LEAST_EXPONENT = 4;

    private final Grisu2 decimal = new Grisu2();
    private final byte[] text = new byte[32];
    private int length;

    /** The text of the value: {@code 3}, {@code 0.1}, {@code 1e+21}, {@code inf}, {@code -inf} or {@code nan}. */
    public static String of(double value) {
        DoubleText scratch = new DoubleText();
        scratch.write(value);
        return new String(scratch.text, 0, scratch.length, StandardCharsets.ISO_8859_1);
    }

    /** The bytes last written, {@link #length()} of them. */
    byte[] bytes() {
        return text;
    }

    int length() {
        return length;
    }

    /** Writes the value's text over the last one. */
    void write(double value) {
        length = 0;
        if (value != value) {
            word("nan");
            return;
        }
        if (value < 0 || value == 0 && 1 / value < 0) {
            text[length++] = '-';
        }
        double magnitude = Math.abs(value);
        if (magnitude == Double.POSITIVE_INFINITY) {
            word("inf");
        } else if (magnitude <= GREATEST_INTEGER && (long) magnitude == magnitude) {
            length = Decimal.write((long) magnitude, text, length);
        } else {
            decimal.convert(magnitude);
            layOut();
        }
    }

    private void word(String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            text[length++] = (byte) ascii.charAt(i);
        }
    }

    private void layOut() {
        int count = decimal.count;
        int magnitude = Math.abs(decimal.exponent + count - 1);
        if (decimal.exponent >= 0 && magnitude < count + ZEROS) {
            digits(0, count);
            zeros(decimal.exponent);
        } else if (decimal.exponent < 0 && (decimal.exponent > -ZEROS || magnitude < LEAST_EXPONENT)) {
            fraction(count + decimal.exponent, count);
        } else {
            scientific(count, decimal.exponent + count - 1);
        }
    }

    /** Writes the digits with a point behind the first {@code whole}; none or fewer: zeros before the first. */
    private void fraction(int whole, int count) {
        if (whole > 0) {
            digits(0, whole);
            text[length++] = '.';
            digits(whole, count);
        } else {
            word("0.");
            zeros(-whole);
            digits(0, count);
        }
    }

    private void scientific(int count, int exponent) {
        digits(0, 1);
        if (count > 1) {
            text[length++] = '.';
            digits(1, count);
        }
        text[length++] = 'e';
        text[length++] = (byte) (exponent < 0 ? '-' : '+');
        length = Decimal.write(Math.abs(exponent), text, length);
    }

    private void digits(int from, int to) {
        System.arraycopy(decimal.digits, from, text, length, to - from);
        length += to - from;
    }

    private void zeros(int count) {
        for (int i = 0; i < count; i++) {
            text[length++] = '0';
        }
    }
}
