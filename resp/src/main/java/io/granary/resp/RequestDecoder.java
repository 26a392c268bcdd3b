package io.granary.resp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Finds the requests in what one client sent: arrays of bulk strings ({@code *2\r\n$3\r\nGET\r\n$1\r\nk\r\n}), or inline
 * lines ({@code GET k}) as typed into a terminal. One per connection. A request becomes places in the bytes it came in;
 * nothing is copied or allocated, except that the arguments of an inline line are unquoted into the decoder's own memory.
 * What Redis tolerates is tolerated (the two bytes behind an argument may be any), what it refuses is refused with its
 * words.
 *
 * <h2>The fast path</h2>
 * A request that has arrived whole has eight bytes or more from the end of each argument to the end of the next: {@code
 * \r\n$d\r\n}, then at least the two bytes that end it. So one load of eight bytes from the end of the last argument sees
 * its line end, the next header up to three digits and that header's line end, and one masked comparison checks them all.
 * The header of the whole request, {@code *d\r\n}, ends in such a line end too, so the first argument is no special case.
 * Anything else (longer numbers, oddities, the edge of the input) takes the careful path for that one header.
 *
 * <h2>Requests in parts</h2>
 * Between two calls there remains: how many arguments are still to come, where the last one ended, how far the unfinished
 * header line was searched for its end. Whole arguments stay in the {@link Request}; a header is read again when its
 * argument was not whole, which is at most two dozen bytes, never the argument. All of it is relative to where the
 * request begins, so the caller may move the bytes. Of a request with very many arguments not even they stay: while it is
 * under way only its end is looked for, and then it is read a second time. Otherwise connections that send such requests
 * slowly would fill the heap.
 *
 * <p>Source: networking.c of Redis 7.4. Intended differences: a line that is too long is refused at the same byte however
 * it was split on its way, and a zero byte does not hide the end of a line.
 */
public final class RequestDecoder {

    /** What {@link #decode} found. */
    public enum Result {
        /** A request, now in the {@link Request}; it ends at {@link #consumed()}. */
        COMPLETE,
        /** Something that asks for nothing, a blank line or {@code *0}; it ends at {@link #consumed()}. */
        EMPTY,
        /** The beginning of a request. */
        INCOMPLETE,
        /** Not the protocol, or beyond the limits: nothing behind it can be understood. */
        ERROR
    }

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** {@code *d\r\n} with d masked out, in the low half of a little-endian word. */
    private static final long COUNT = 0x0A0D_002AL;
    private static final long COUNT_MASK = 0xFFFF_00FFL;
    /** {@code \r\n$d\r\n}, {@code \r\n$dd\r\n} and {@code \r\n$ddd\r\n} with the digits masked out. */
    private static final long ONE_DIGIT = 0x0000_0A0D_0024_0A0DL;
    private static final long ONE_DIGIT_MASK = 0x0000_FFFF_00FF_FFFFL;
    private static final long TWO_DIGITS = 0x000A_0D00_0024_0A0DL;
    private static final long TWO_DIGITS_MASK = 0x00FF_FF00_00FF_FFFFL;
    private static final long THREE_DIGITS = 0x0A0D_0000_0024_0A0DL;
    private static final long THREE_DIGITS_MASK = 0xFFFF_0000_00FF_FFFFL;

    /** The line has not ended yet; more bytes may end it. */
    private static final int UNFINISHED = -1;
    /** The bytes break the protocol or the limits. */
    private static final int REFUSED = -2;

    private static final int LONGEST_NUMBER = 19;
    private static final String WITHOUT_A_WORD = "";

    private static final int LEAST_UNQUOTED_BYTES = 1024;

    /** The most arguments of an unfinished request whose places stay. */
    private static final int KEPT_ARGUMENTS = 1024;

    private RequestLimits limits;
    /** The arguments of the last inline line. */
    private MemorySegment unquoted = MemorySegment.NULL;

    /** Arguments still to come of the request that is under way; 0 between requests. */
    private int argumentsLeft;
    /** Whether the places of those before were not kept. */
    private boolean placesDropped;
    /** Where the request that is under way begins in the caller's bytes, as of the last call. */
    private int start;
    /** The end of the last whole argument or header, before its line end; relative to {@link #start}. */
    private int position;
    /** How far the unfinished line was searched for its end; relative to {@link #start}. */
    private int searched;

    private int consumed;
    private long missing;
    private long number;
    private String error;
    private boolean foreignProtocol;

    public RequestDecoder(RequestLimits limits) {
        this.limits = limits;
    }

    /** Changes the limits for the requests, and parts of requests, that follow. */
    public void limits(RequestLimits newLimits) {
        limits = newLimits;
    }

    /** Forgets a request that has come in part: its bytes will be given again from its beginning. */
    public void reset() {
        argumentsLeft = 0;
        placesDropped = false;
        searched = 0;
    }

    /** The index behind the request just found. */
    public int consumed() {
        return consumed;
    }

    /**
     * After INCOMPLETE: the request needs at least so many bytes more. It is what the client claims: worth preparing
     * for, not worth allocating at once.
     */
    public long missing() {
        return missing;
    }

    /**
     * After ERROR: what to tell the client, {@code Protocol error: ...}, to be sent with the code {@code ERR}; empty if the
     * connection is to be closed without a word, as for a foreign protocol or a request beyond {@code maxQueryBytes}.
     */
    public String error() {
        return error;
    }

    /** After ERROR: whether the client speaks HTTP, as a browser tricked into attacking the server would. */
    public boolean foreignProtocol() {
        return foreignProtocol;
    }

    /**
     * Decodes the request that begins at {@code from}.
     *
     * <p>After INCOMPLETE, call again with the same bytes and more; they may have moved to another place or segment, {@code
     * from} says where the request begins now, and {@code out} is to be the same.
     *
     * @param in  native memory
     * @param to  the end of what has arrived
     * @param out filled on COMPLETE; its arguments lie in {@code in}, those of an inline line in memory that stays as it is
     *            until the next inline line is decoded
     */
    public Result decode(MemorySegment in, int from, int to, Request out) {
        if (placesDropped) {
            return findEnd(in, from, to, out);
        }
        if (argumentsLeft != 0) {
            out.rebase(in, from - start);
            start = from;
            return arguments(in, from + position, to, argumentsLeft, out);
        }
        start = from;
        if (to - from >= Long.BYTES) {
            long word = in.get(WORD, from);
            int count = (int) (word >>> 8 & 0xFF) - '0';
            if ((word & COUNT_MASK) == COUNT && count > 0 && count < 10) {
                out.begin(in, from);
                return arguments(in, from + 2, to, count, out);
            }
        }
        return begin(in, from, to, out);
    }

    /** Takes the {@code left} arguments that follow the line end at {@code first}. */
    private Result arguments(MemorySegment in, int first, int to, int left, Request out) {
        int at = first;
        for (int rest = left; rest > 0; rest--) {
            long word = to - at >= Long.BYTES ? in.get(WORD, at) : 0;
            int one = (int) (word >>> 24 & 0xFF) - '0';
            int two = (int) (word >>> 32 & 0xFF) - '0';
            int length;
            int body;
            if ((word & ONE_DIGIT_MASK) == ONE_DIGIT && digit(one)) {
                length = one;
                body = at + 6;
            } else if ((word & TWO_DIGITS_MASK) == TWO_DIGITS && leadingDigit(one) && digit(two)) {
                length = one * 10 + two;
                body = at + 7;
            } else {
                body = bulkHeader(in, at, to, word);
                if (body < 0) {
                    return body == REFUSED ? Result.ERROR : suspend(at, rest, to + 1L, to, out);
                }
                length = (int) number;
            }
            if (to - body - 2 < length) {
                return suspend(at, rest, body + length + 2L, to, out);
            }
            out.add(body, length);
            at = body + length;
        }
        argumentsLeft = 0;
        searched = 0;
        consumed = at + 2;
        return Result.COMPLETE;
    }

    private Result suspend(int at, int rest, long needed, int to, Request out) {
        if (out.count() > KEPT_ARGUMENTS) {
            placesDropped = true;
            out.trim();
        }
        return suspend(at, rest, needed, to);
    }

    /** Goes on with a request whose places were not kept: finds its end, then reads it as if all of it had just come. */
    private Result findEnd(MemorySegment in, int from, int to, Request out) {
        start = from;
        int at = from + position;
        for (int rest = argumentsLeft; rest > 0; rest--) {
            int body = bulkHeader(in, at, to, 0);
            if (body < 0) {
                return body == REFUSED ? Result.ERROR : suspend(at, rest, to + 1L, to);
            }
            if (to - body - 2 < number) {
                return suspend(at, rest, body + number + 2L, to);
            }
            at = body + (int) number;
        }
        reset();
        return decode(in, from, to, out);
    }

    private static boolean digit(int value) {
        return value >= 0 && value <= 9;
    }

    private static boolean leadingDigit(int value) {
        return value >= 1 && value <= 9;
    }

    /**
     * Reads the header that follows the line end at {@code at}; its first bytes are in {@code word} if that is not 0.
     *
     * @return the index behind it, with the length in {@link #number}; or {@link #UNFINISHED}; or {@link #REFUSED}
     */
    private int bulkHeader(MemorySegment in, int at, int to, long word) {
        if ((word & THREE_DIGITS_MASK) == THREE_DIGITS) {
            int one = (int) (word >>> 24 & 0xFF) - '0';
            int two = (int) (word >>> 32 & 0xFF) - '0';
            int three = (int) (word >>> 40 & 0xFF) - '0';
            if (leadingDigit(one) && digit(two) && digit(three)) {
                number = one * 100 + two * 10 + three;
                return at + 8;
            }
        }
        return unusualBulkHeader(in, at + 2, to);
    }

    private int unusualBulkHeader(MemorySegment in, int line, int to) {
        int end = lineEnd(in, line, to, '\r');
        if (end == REFUSED) {
            return refuse("Protocol error: too big bulk count string");
        }
        if (end == UNFINISHED || end + 2 > to) {
            return UNFINISHED;
        }
        byte type = in.get(BYTE, line);
        if (type != '$') {
            return refuse("Protocol error: expected '$', got '" + (char) (type & 0xFF) + "'");
        }
        if (!parse(in, line + 1, end) || number < 0 || number > limits.maxBulkBytes()) {
            return refuse("Protocol error: invalid bulk length");
        }
        if (number > limits.bulkBytesNow()) {
            return refuse("Protocol error: unauthenticated bulk length");
        }
        return number > limits.maxQueryBytes() ? refuse(WITHOUT_A_WORD) : end + 2;
    }

    /** Anything but a small array of bulk strings: its header in full, or an inline line. */
    private Result begin(MemorySegment in, int from, int to, Request out) {
        if (from == to) {
            return suspend(from, 0, to + 1L, to);
        }
        if (in.get(BYTE, from) != '*') {
            return inline(in, from, to, out);
        }
        int end = lineEnd(in, from, to, '\r');
        if (end == REFUSED) {
            return error("Protocol error: too big mbulk count string");
        }
        if (end == UNFINISHED || end + 2 > to) {
            return suspend(from, 0, to + 1L, to);
        }
        if (!parse(in, from + 1, end) || number > limits.maxArguments()) {
            return error("Protocol error: invalid multibulk length");
        }
        if (number > limits.argumentsNow()) {
            return error("Protocol error: unauthenticated multibulk length");
        }
        out.begin(in, from);
        if (number <= 0) {
            return consume(end + 2, Result.EMPTY);
        }
        return arguments(in, end, to, (int) number, out);
    }

    private Result inline(MemorySegment in, int from, int to, Request out) {
        int end = lineEnd(in, from, to, '\n');
        if (end == REFUSED) {
            return error("Protocol error: too big inline request");
        }
        if (end == UNFINISHED) {
            return suspend(from, 0, to + 1L, to);
        }
        int text = end > from && in.get(BYTE, end - 1L) == '\r' ? end - 1 : end;
        if (!new InlineSplitter(in, from, text, unquoted(text - from)).split(out)) {
            return error("Protocol error: unbalanced quotes in request");
        }
        if (out.count() == 0) {
            return consume(end + 1, Result.EMPTY);
        }
        if (out.is(0, "POST") || out.is(0, "HOST:")) {
            foreignProtocol = true;
            return error(WITHOUT_A_WORD);
        }
        return consume(end + 1, Result.COMPLETE);
    }

    /** Memory for the arguments of one line, which is bounded by {@code maxInlineBytes}. */
    private MemorySegment unquoted(int bytes) {
        if (unquoted.byteSize() < bytes) {
            unquoted = Arena.ofAuto().allocate(Math.max(LEAST_UNQUOTED_BYTES, Integer.highestOneBit(bytes - 1) * 2));
        }
        return unquoted;
    }

    private Result consume(int end, Result result) {
        searched = 0;
        consumed = end;
        return result;
    }

    /** Remembers where to go on when the bytes up to {@code needed} are there, unless a request may not have so many. */
    private Result suspend(int at, int rest, long needed, int to) {
        if (needed - start > limits.maxQueryBytes()) {
            return error(WITHOUT_A_WORD);
        }
        argumentsLeft = rest;
        position = at - start;
        missing = needed - to;
        return Result.INCOMPLETE;
    }

    private Result error(String text) {
        error = text;
        return Result.ERROR;
    }

    private int refuse(String text) {
        error = text;
        return REFUSED;
    }

    /**
     * The index of the first {@code wanted} byte of the line, not looking again where earlier calls have looked; or {@link
     * #UNFINISHED}; or {@link #REFUSED} for a line beyond {@code maxInlineBytes}.
     */
    private int lineEnd(MemorySegment in, int line, int to, int wanted) {
        int bound = (int) Math.min(to, line + limits.maxInlineBytes() + 1L);
        for (int i = Math.max(line, start + searched); i < bound; i++) {
            if (in.get(BYTE, i) == wanted) {
                return i;
            }
        }
        searched = bound - start;
        return bound - line > limits.maxInlineBytes() ? REFUSED : UNFINISHED;
    }

    /** Puts the decimal integer into {@link #number}: no blanks, no plus, no leading zeros, within 64 bits. */
    private boolean parse(MemorySegment in, int from, int to) {
        boolean negative = from < to && in.get(BYTE, from) == '-';
        int first = negative ? from + 1 : from;
        if (first >= to || to - first > LONGEST_NUMBER) {
            return false;
        }
        if (in.get(BYTE, first) == '0') {
            number = 0;
            return !negative && to - first == 1;
        }
        long value = 0;
        for (int i = first; i < to; i++) {
            int digit = in.get(BYTE, i) - '0';
            if (!digit(digit) || value < (Long.MIN_VALUE + digit) / 10) {
                return false;
            }
            value = value * 10 - digit;
        }
        number = negative ? value : -value;
        return negative || value != Long.MIN_VALUE;
    }
}
