package io.granary.resp;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Writes replies in the protocol that the client speaks, RESP2 or RESP3. Aggregates are a header that says how many
 * replies follow, then those replies. Types that RESP2 lacks fall back as Redis's do: a map to a flat array, a double to a
 * bulk string, a boolean to an integer, a null to {@code $-1} or {@code *-1}.
 *
 * <p>Short replies and headers are words of up to eight bytes that are stored at once: the word is always written whole
 * and only its length counts.
 *
 * <p>Source: the RESP specification (RESP2 and RESP3), and networking.c of Redis for the fall-backs.
 */
public final class ReplyWriter {

    /** Room for any line that holds one integer, and for a word stored behind it. */
    private static final int INTEGER_LINE_BYTES = 32;
    /** Integers below this have their text and line end at hand. */
    private static final int READY_INTEGERS = 1000;
    /** The longest bulk string written with its header and line end in one chunk, at the cost of a chunk's unused end. */
    private static final int WHOLE_BULK_BYTES = READY_INTEGERS - 1;

    /** Of each small integer the text and line end in the lowest bytes, leaving room for a type before them, and the length
     * with that type in the highest byte. */
    private static final long[] READY = new long[READY_INTEGERS];

    private static final long OK = word("+OK\r\n");
    private static final long PONG = word("+PONG\r\n");
    private static final long NULL_BULK = word("$-1\r\n");
    private static final long NULL_ARRAY = word("*-1\r\n");
    private static final long NULL = word("_\r\n");
    private static final long TRUE = word("#t\r\n");
    private static final long FALSE = word("#f\r\n");

    static {
        for (int i = 0; i < READY_INTEGERS; i++) {
            String line = i + "\r\n";
            READY[i] = word("\0" + line) | (long) (line.length() + 1) << 56;
        }
    }

    private final ReplyBuffer out;
    private final DoubleText doubleText = new DoubleText();
    private boolean resp3;
    private long errors;
    private String lastError = "";

    public ReplyWriter(ReplyBuffer out) {
        this.out = out;
    }

    private static long word(String ascii) {
        long word = 0;
        for (int i = 0; i < ascii.length(); i++) {
            word |= (long) ascii.charAt(i) << 8 * i;
        }
        return word;
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

    /** The text of the last error reply, empty when there was none: for statistics by code. */
    public String lastError() {
        return lastError;
    }

    /** {@code +OK}. */
    public void ok() {
        shortLine(OK, 5);
    }

    /** {@code +PONG}. */
    public void pong() {
        shortLine(PONG, 7);
    }

    /** A simple string, Redis's status reply. Carriage returns and line feeds in it become spaces. */
    public void status(String text) {
        line('+', text);
    }

    /**
     * An error; {@code text} begins with its code, such as {@code ERR} or {@code WRONGTYPE}. Carriage returns and line feeds
     * in it become spaces, except at its end, where they are dropped.
     */
    public void error(String text) {
        errors++;
        lastError = text;
        int length = text.length();
        while (length > 0 && (text.charAt(length - 1) == '\r' || text.charAt(length - 1) == '\n')) {
            length--;
        }
        line('-', text.substring(0, length));
    }

    public void integer(long value) {
        header(':', value);
    }

    public void bulk(byte[] value) {
        header('$', value.length);
        out.put(value, 0, value.length);
        lineEnd();
    }

    /** A bulk string of the text, one byte a character (ISO 8859-1). */
    public void bulk(String text) {
        bulk(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void bulk(MemorySegment source, long offset, long length) {
        if (length >= 0 && length <= WHOLE_BULK_BYTES) {
            out.ensure(WHOLE_BULK_BYTES + INTEGER_LINE_BYTES);
            ready('$', (int) length);
            out.putWhole(source, offset, (int) length);
            out.putLineEnd();
        } else {
            header('$', length);
            out.put(source, offset, length);
            lineEnd();
        }
    }

    /** An integer as a bulk string. */
    public void bulkInteger(long value) {
        out.ensure(2 * INTEGER_LINE_BYTES);
        ready('$', Decimal.length(value));
        out.putDecimal(value);
        out.putLineEnd();
    }

    /** The null of a missing string. */
    public void nullBulk() {
        if (resp3) {
            shortLine(NULL, 3);
        } else {
            shortLine(NULL_BULK, 5);
        }
    }

    /** The null of a missing array. */
    public void nullArray() {
        if (resp3) {
            shortLine(NULL, 3);
        } else {
            shortLine(NULL_ARRAY, 5);
        }
    }

    /** The header of an array of {@code size} replies. */
    public void array(long size) {
        header('*', size);
    }

    /** The header of an array whose {@code size} replies were all written since the mark of the buffer. */
    public void arrayBefore(long mark, long size) {
        out.insert(mark, ("*" + size + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** A bulk string of ASCII text in front of all that was written since the mark of the buffer. */
    public void bulkBefore(long mark, String text) {
        out.insert(mark, ("$" + text.length() + "\r\n" + text + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** The header of a map of {@code pairs} keys and values, which follow in turn. */
    public void map(long pairs) {
        header(resp3 ? '%' : '*', resp3 ? pairs : pairs * 2);
    }

    /** The header of a set of {@code size} replies. */
    public void set(long size) {
        header(resp3 ? '~' : '*', size);
    }

    /** Whole replies or pushes that are encoded already. */
    public void raw(byte[] encoded) {
        out.put(encoded, 0, encoded.length);
    }

    /** The header of a push of {@code size} replies; an array in RESP2. */
    public void push(long size) {
        header(resp3 ? '>' : '*', size);
    }

    /** The header of {@code pairs} attributes of the reply that follows them; RESP2 has none. */
    public void attribute(long pairs) {
        if (!resp3) {
            throw new IllegalStateException("attributes need RESP3");
        }
        header('|', pairs);
    }

    public void bool(boolean value) {
        if (resp3) {
            shortLine(value ? TRUE : FALSE, 4);
        } else {
            integer(value ? 1 : 0);
        }
    }

    /** A double, as {@link DoubleText} writes it. */
    public void dbl(double value) {
        doubleText.write(value);
        out.ensure(3 * INTEGER_LINE_BYTES);
        if (resp3) {
            out.put(',');
        } else {
            ready('$', doubleText.length());
        }
        out.put(doubleText.bytes(), 0, doubleText.length());
        out.putLineEnd();
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
        header('=', text.length + format.length() + 1L);
        characters(format + ":");
        out.put(text, 0, text.length);
        lineEnd();
    }

    private void shortLine(long word, int length) {
        out.ensure(Long.BYTES);
        out.putWord(word, length);
    }

    private void line(char type, String text) {
        out.ensure(1);
        out.put(type);
        characters(text);
        lineEnd();
    }

    /** Writes one byte a character, spaces for line ends. */
    private void characters(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.ensure(1);
            out.put(c == '\r' || c == '\n' ? ' ' : c);
        }
    }

    private void lineEnd() {
        out.ensure(2);
        out.putLineEnd();
    }

    private void header(char type, long count) {
        out.ensure(INTEGER_LINE_BYTES);
        if (count >= 0 && count < READY_INTEGERS) {
            ready(type, (int) count);
        } else {
            out.put(type);
            out.putDecimal(count);
            out.putLineEnd();
        }
    }

    /** Writes a line of a type and a small integer; room for a word was made. */
    private void ready(char type, int value) {
        long line = READY[value];
        out.putWord(line | type, (int) (line >>> 56));
    }
}
