package io.granary.resp;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Writes replies in the protocol that the client speaks, RESP2 or RESP3. Aggregates are a header that says how many
 * replies follow, then those replies. Types that RESP2 lacks fall back as Redis's do: a map to a flat array, a double to a
 * bulk string, a boolean to an integer, a null to {@code $-1} or {@code *-1}.
 *
 * <p>Source: the RESP specification (RESP2 and RESP3), and networking.c of Redis for the fall-backs.
 */
public final class ReplyWriter {

    private final ReplyBuffer out;
    private boolean resp3;
    private long errors;

    public ReplyWriter(ReplyBuffer out) {
        this.out = out;
    }

    public ReplyBuffer buffer() {
        return out;
    }

    /** Chooses the protocol of the replies that follow. */
    public void resp3(boolean on) {
        resp3 = on;
    }

    public boolean resp3() {
        return resp3;
    }

    /** How many error replies were written so far: compared before and after a command to learn whether it failed. */
    public long errors() {
        return errors;
    }

    /** {@code +OK}. */
    public void ok() {
        out.ensure(5);
        out.put('+');
        out.put('O');
        out.put('K');
        crlf();
    }

    /** A simple string, Redis's status reply. Carriage returns and line feeds in it become spaces. */
    public void status(String text) {
        line('+', text);
    }

    /** An error; {@code text} begins with its code, such as {@code ERR} or {@code WRONGTYPE}. */
    public void error(String text) {
        errors++;
        line('-', text);
    }

    public void integer(long value) {
        out.ensure(24);
        out.put(':');
        digits(value);
        crlf();
    }

    public void bulk(byte[] value) {
        header('$', value.length);
        out.put(value, 0, value.length);
        out.ensure(2);
        crlf();
    }

    /** A bulk string of the text, one byte a character (ISO 8859-1). */
    public void bulk(String text) {
        bulk(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void bulk(MemorySegment source, long offset, long length) {
        header('$', length);
        out.put(source, offset, length);
        out.ensure(2);
        crlf();
    }

    /** An integer as a bulk string. */
    public void bulkInteger(long value) {
        bulk(Long.toString(value));
    }

    /** The null of a missing string. */
    public void nullBulk() {
        raw(resp3 ? "_\r\n" : "$-1\r\n");
    }

    /** The null of a missing array. */
    public void nullArray() {
        raw(resp3 ? "_\r\n" : "*-1\r\n");
    }

    /** The header of an array of {@code size} replies. */
    public void array(long size) {
        header('*', size);
    }

    /** The header of an array whose {@code size} replies were all written since the mark of the buffer. */
    public void arrayBefore(long mark, long size) {
        out.insert(mark, ("*" + size + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** The header of a map of {@code pairs} keys and values, which follow in turn. */
    public void map(long pairs) {
        header(resp3 ? '%' : '*', resp3 ? pairs : pairs * 2);
    }

    /** The header of a set of {@code size} replies. */
    public void set(long size) {
        header(resp3 ? '~' : '*', size);
    }

    /** The header of a push of {@code size} replies; an array in RESP2. */
    public void push(long size) {
        header(resp3 ? '>' : '*', size);
    }

    public void bool(boolean value) {
        raw(resp3 ? (value ? "#t\r\n" : "#f\r\n") : (value ? ":1\r\n" : ":0\r\n"));
    }

    /** A double: its shortest text that reads back the same, in Redis's form ({@code inf}, {@code -inf}, {@code nan}). */
    public void dbl(double value) {
        String text = DoubleText.of(value);
        if (resp3) {
            line(',', text);
        } else {
            bulk(text);
        }
    }

    /** A number too big for an integer reply, given as decimal digits. */
    public void bigNumber(String decimal) {
        if (resp3) {
            line('(', decimal);
        } else {
            bulk(decimal);
        }
    }

    /** A text with a three-letter format, such as {@code txt}; a bulk string in RESP2. */
    public void verbatim(String format, byte[] text) {
        if (!resp3) {
            bulk(text);
            return;
        }
        header('=', text.length + 4L);
        raw(format);
        raw(":");
        out.put(text, 0, text.length);
        out.ensure(2);
        crlf();
    }

    private void line(char type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\r' || bytes[i] == '\n') {
                bytes[i] = ' ';
            }
        }
        out.ensure(1);
        out.put(type);
        out.put(bytes, 0, bytes.length);
        out.ensure(2);
        crlf();
    }

    private void raw(String ascii) {
        int length = ascii.length();
        out.ensure(length);
        for (int i = 0; i < length; i++) {
            out.put(ascii.charAt(i));
        }
    }

    private void header(char type, long count) {
        out.ensure(24);
        out.put(type);
        digits(count);
        crlf();
    }

    private void crlf() {
        out.put('\r');
        out.put('\n');
    }

    /** Decimal digits; room for 20 was made. */
    private void digits(long value) {
        if (value >= 0 && value < 10) {
            out.put('0' + (int) value);
            return;
        }
        if (value < 0) {
            out.put('-');
        }
        int start = out.position();
        int length = digitCount(value);
        out.position(start + length);
        MemorySegment segment = out.segment();
        long rest = value;
        for (int at = start + length - 1; at >= start; at--) {
            long quotient = rest / 10;
            int digit = (int) (rest - quotient * 10);
            segment.set(java.lang.foreign.ValueLayout.JAVA_BYTE, at, (byte) ('0' + Math.abs(digit)));
            rest = quotient;
        }
    }

    private static int digitCount(long value) {
        int count = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            count++;
        }
        return count;
    }
}
