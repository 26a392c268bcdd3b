package io.granary.node.config;

/**
 * A word that is to be read as a number in one of the ways of Redis's sources: strictly (string2ll), as a size with a unit
 * (memtoull), or by its longest numeric beginning (strtoll).
 */
final class NumberText {
    private final String text;
    private long number;
    private int end;

    NumberText(String text) {
        this.text = text;
    }

    /** The number that the last successful reading found. */
    long number() {
        return number;
    }

    /** Whether the last {@link #readPrefix} used the whole word. */
    boolean atEnd() {
        return end == text.length();
    }

    /** Decimal digits and a minus sign, the one spelling that a number is printed in: no blanks, no +, no leading zero. */
    boolean readWhole() {
        return readWhole(text.length());
    }

    private boolean readWhole(int length) {
        int from = length > 0 && text.charAt(0) == '-' ? 1 : 0;
        if (from == length || length > 20) {
            return false;
        }
        if (text.charAt(from) == '0') {
            number = 0;
            return length == 1;
        }
        for (int i = from; i < length; i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
        }
        try {
            number = Long.parseLong(text, 0, length, 10);
            return true;
        } catch (NumberFormatException _) {
            return false;
        }
    }

    /** A whole number from 0 that ends in a percent sign; found as its negative. */
    boolean readPercent() {
        int last = text.length() - 1;
        if (last < 1 || text.charAt(last) != '%' || !readWhole(last) || number < 0) {
            return false;
        }
        number = -number;
        return true;
    }

    /** Digits and a unit: k, m, g are powers of 1000, kb, mb, gb powers of 1024. Too large a number wraps, as in Redis. */
    boolean readBytes() {
        int digits = 0;
        while (digits < text.length() && isDigit(text.charAt(digits))) {
            digits++;
        }
        long unit = switch (Latin1.lower(text.substring(digits))) {
            case "", "b" -> 1;
            case "k" -> 1000;
            case "kb" -> 1 << 10;
            case "m" -> 1000 * 1000;
            case "mb" -> 1 << 20;
            case "g" -> 1000 * 1000 * 1000;
            case "gb" -> 1 << 30;
            default -> 0;
        };
        if (unit == 0 || digits >= 128) {
            return false;
        }
        number = unit * saturated(digits);
        return true;
    }

    private long saturated(int digits) {
        try {
            return digits == 0 ? 0 : Long.parseUnsignedLong(text, 0, digits, 10);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    /**
     * Blanks, a sign and digits, as many as there are; no digit at all is 0 and uses nothing.
     *
     * @return false if the number has more than 64 bits; it is then the nearest one
     */
    boolean readPrefix(int radix) {
        int at = 0;
        while (at < text.length() && ConfigLine.isBlank(text.charAt(at))) {
            at++;
        }
        boolean negative = at < text.length() && text.charAt(at) == '-';
        if (at < text.length() && (negative || text.charAt(at) == '+')) {
            at++;
        }
        int from = at;
        while (at < text.length() && text.charAt(at) < 0x80 && Character.digit(text.charAt(at), radix) >= 0) {
            at++;
        }
        end = at == from ? 0 : at;
        number = 0;
        if (at > from) {
            try {
                number = Long.parseLong((negative ? "-" : "") + text.substring(from, at), radix);
            } catch (NumberFormatException _) {
                number = negative ? Long.MIN_VALUE : Long.MAX_VALUE;
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** A size in the largest unit that divides it. */
    static String bytesInUnits(long bytes) {
        if (bytes == 0 || (bytes & 1023) != 0) {
            return Long.toString(bytes);
        }
        if (bytes % (1 << 30) == 0) {
            return (bytes >> 30) + "gb";
        }
        return bytes % (1 << 20) == 0 ? (bytes >> 20) + "mb" : (bytes >> 10) + "kb";
    }
}
