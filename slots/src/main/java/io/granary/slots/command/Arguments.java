package io.granary.slots.command;

import io.granary.resp.Request;
import java.math.BigInteger;

/** Reads a request's arguments as numbers, refusing what Redis refuses in the words that Redis uses. */
public final class Arguments {

    private static final String SPACE = " \t\n\u000b\f\r";
    private static final int CURSOR_DIGITS_MAX = 20;
    private static final BigInteger CURSOR_END = BigInteger.ONE.shiftLeft(Long.SIZE);

    private Arguments() {}

    /** Whether the argument is the text of an integer. */
    public static boolean isInteger(Request request, int i) {
        return IntegerText.is(request.bytes(), request.offset(i), request.length(i));
    }

    /** A 64-bit integer. */
    public static long integer(Request request, int i) {
        return integer(request, i, Errors.NOT_AN_INTEGER);
    }

    /** A 64-bit integer, anything else being refused with the error given. */
    public static long integer(Request request, int i, CommandException refusal) {
        if (!isInteger(request, i)) {
            throw refusal;
        }
        return IntegerText.parse(request.bytes(), request.offset(i), request.length(i));
    }

    /** A 32-bit integer. */
    public static int integer32(Request request, int i) {
        long value = integer(request, i);
        if (value != (int) value) {
            throw Errors.err("value is out of range, value must between " + Integer.MIN_VALUE + " and " + Integer.MAX_VALUE);
        }
        return (int) value;
    }

    /** A 32-bit integer, anything else being refused with the error given. */
    public static int integer32(Request request, int i, CommandException refusal) {
        long value = integer(request, i, refusal);
        if (value != (int) value) {
            throw refusal;
        }
        return (int) value;
    }

    /** A cursor: an unsigned 64-bit integer, read as strtoull does where it is not the text of an integer. */
    public static long cursor(Request request, int i) {
        if (isInteger(request, i)) {
            long value = integer(request, i);
            if (value < 0) {
                throw Errors.INVALID_CURSOR;
            }
            return value;
        }
        String text = request.toText(i);
        int at = 0;
        while (at < text.length() && SPACE.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        boolean negative = at < text.length() && text.charAt(at) == '-';
        if (negative || at < text.length() && text.charAt(at) == '+') {
            at++;
        }
        while (at < text.length() - CURSOR_DIGITS_MAX && text.charAt(at) == '0') {
            at++;
        }
        String digits = text.substring(at);
        if (digits.isEmpty() || digits.length() > CURSOR_DIGITS_MAX || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw Errors.INVALID_CURSOR;
        }
        BigInteger value = new BigInteger(digits);
        if (value.compareTo(CURSOR_END) >= 0) {
            throw Errors.INVALID_CURSOR;
        }
        return negative ? -value.longValue() : value.longValue();
    }

    /** A double, as strtod reads it; not a number is refused. */
    public static double decimal(Request request, int i) {
        String text = request.toText(i);
        String magnitude = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (magnitude.equalsIgnoreCase("inf") || magnitude.equalsIgnoreCase("infinity")) {
            return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (magnitude.isEmpty() || !magnitude.chars().allMatch(c -> c < 128 && "0123456789.eE+-".indexOf(c) >= 0)) {
            throw Errors.NOT_A_FLOAT;
        }
        try {
            double value = Double.parseDouble(text);
            if (Double.isInfinite(value)) {
                throw Errors.NOT_A_FLOAT;
            }
            return value;
        } catch (NumberFormatException _) {
            throw Errors.NOT_A_FLOAT;
        }
    }
}
