package io.granary.slots.command;

import io.granary.resp.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What one unit of execution (a command, or an EXEC) has changed, as the requests that repeat it elsewhere.
 *
 * <p>Replicas and files are told effects, not causes: what depends on time, chance or rounding is written as what came of
 * it. The requests lie one behind the other in native memory, as they go into the stream, each behind a head:
 *
 * <pre>
 * database (4)  bytes that follow (8)  *3\r\n$3\r\nSET\r\n ...
 * </pre>
 *
 * Long arguments are not copied: their place is remembered, and they have to stay there until the unit was written. So the
 * memory of a unit grows with the number of its requests and not with what clients store, and after a large unit it is
 * given back. An instance belongs to one thread, or to a lock; writing allocates nothing once the memory has grown.
 */
public final class Effects {

    /** The database of a request that concerns no data: it needs no SELECT. */
    public static final int NO_DATABASE = -1;

    /** The slot of a unit that has no key. */
    public static final int NO_SLOT = -1;

    /** Arguments from this length on stay where they are. */
    private static final int REFERRED_BYTES_MIN = 16 * 1024;
    private static final int LEAST_BYTES = 4096;
    /** So much memory is kept for the next unit. */
    private static final long KEPT_BYTES = 256 * 1024;
    private static final int KEPT_PIECES = 64;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfLong WORD = LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int DIGIT_MAX = 9;
    private static final int TWO_DIGITS_MAX = 99;
    /** {@code *0\r\n$0\r\n}, {@code \r\n$0\r\n} and {@code \r\n$00\r\n} as little-endian words. */
    private static final long FIRST_LINES = 0x0A0D_3024_0A0D_302AL;
    private static final long ONE_DIGIT = 0x0000_0A0D_3024_0A0DL;
    private static final long TWO_DIGITS = 0x000A_0D30_3024_0A0DL;
    private static final int HEAD_BYTES = Integer.BYTES + Long.BYTES;
    /** The longest line of a length: its mark, its digits, its end. */
    private static final int LENGTH_BYTES_MAX = 1 + IntegerText.BYTES_MAX + 2;
    private static final int END_BYTES = 2;

    private static final MemorySegment MULTI = constant("*1\r\n$5\r\nMULTI\r\n");
    private static final MemorySegment EXEC = constant("*1\r\n$4\r\nEXEC\r\n");
    private static final MemorySegment SELECT = constant("*2\r\n$6\r\nSELECT\r\n");
    /** The digits of a database's index at most, behind {@link #SELECT}: two lines. */
    private static final int INDEX_BYTES_MAX = 2 * LENGTH_BYTES_MAX;

    /** Takes the bytes of a unit, piece by piece; they are valid only during the call. */
    @FunctionalInterface
    public interface Sink {
        void bytes(MemorySegment source, long offset, long length);
    }

    private final MemorySegment index = Arena.ofAuto().allocate(INDEX_BYTES_MAX);
    private Arena arena;
    private MemorySegment text = MemorySegment.NULL;
    private long end;
    /** Where the request begins that is being written, its head included. */
    private long begun;
    private int count;
    private int slot = NO_SLOT;

    // Arguments that stayed where they are, each to be put in before a position of the text.
    private MemorySegment[] sources = new MemorySegment[4];
    private long[] offsets = new long[4];
    private long[] lengths = new long[4];
    private long[] positions = new long[4];
    private int pieces;
    private long referredBytes;

    private static MemorySegment constant(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        MemorySegment segment = Arena.global().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, segment, BYTE, 0, bytes.length);
        return segment.asReadOnly();
    }

    // ---- taking note ----

    /** Whether nothing has changed. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** The number of requests. */
    public int count() {
        return count;
    }

    /** The slot of all keys of the unit, or {@link #NO_SLOT}; means nothing outside a cluster. */
    public int slot() {
        return slot;
    }

    /** Says which slot the keys of the unit lie in: there is only one. */
    public Effects slot(int ofAllKeys) {
        slot = ofAllKeys;
        return this;
    }

    /** Begins a request of {@code argc} arguments, which follow. */
    public Effects request(int database, int argc) {
        seal();
        reserve(HEAD_BYTES + LENGTH_BYTES_MAX);
        begun = end;
        text.set(INT, end, database);
        end += HEAD_BYTES;
        length('*', argc);
        count++;
        return this;
    }

    /** Adds an argument of ASCII characters. */
    public Effects arg(String word) {
        int length = word.length();
        reserve(LENGTH_BYTES_MAX + (long) length + END_BYTES);
        length('$', length);
        for (int i = 0; i < length; i++) {
            text.set(BYTE, end + i, (byte) word.charAt(i));
        }
        end += length;
        endOfLine();
        return this;
    }

    /** Adds the text of an integer. */
    public Effects arg(long value) {
        reserve(2L * LENGTH_BYTES_MAX);
        length('$', digits(value));
        number(value);
        endOfLine();
        return this;
    }

    /** Adds argument {@code i} of a request, which stays as it is until the unit was written. */
    public Effects arg(Request request, int i) {
        return arg(request.bytes(), request.offset(i), request.length(i));
    }

    /** Adds bytes; {@value #REFERRED_BYTES_MIN} or more have to stay as they are until the unit was written. */
    public Effects arg(MemorySegment source, long offset, long length) {
        if (length < REFERRED_BYTES_MIN) {
            return copy(source, offset, length);
        }
        reserve(LENGTH_BYTES_MAX + END_BYTES);
        length('$', length);
        refer(source, offset, length);
        endOfLine();
        return this;
    }

    /** Adds a request as it came, written in the shortest form. */
    public Effects verbatim(int database, Request request) {
        int argc = request.count();
        if (!isCanonical(request)) {
            request(database, argc);
            for (int i = 0; i < argc; i++) {
                arg(request, i);
            }
            return this;
        }
        long from = request.offset(0);
        long length = request.offset(argc - 1) + request.length(argc - 1) - from;
        reserve(HEAD_BYTES + Long.BYTES + length + END_BYTES);
        seal();
        begun = end;
        text.set(INT, end, database);
        text.set(WORD, end + HEAD_BYTES, FIRST_LINES + ((long) argc << 8) + ((long) request.length(0) << 40));
        end += HEAD_BYTES + Long.BYTES;
        MemorySegment.copy(request.bytes(), from, text, end, length);
        end += length;
        endOfLine();
        count++;
        return this;
    }

    /**
     * Whether the bytes from the first argument to the last are just as they would be written here, so that they can be
     * copied in one go: most clients send them so. Only short requests of few arguments are looked at; the cost of others is
     * in their bytes.
     */
    private static boolean isCanonical(Request request) {
        int argc = request.count();
        if (argc > DIGIT_MAX || request.length(0) > DIGIT_MAX) {
            return false;
        }
        MemorySegment bytes = request.bytes();
        long at = (long) request.offset(0) + request.length(0);
        for (int i = 1; i < argc; i++) {
            int length = request.length(i);
            int line = length <= DIGIT_MAX ? 6 : 7;
            if (request.offset(i) - at != line || length > TWO_DIGITS_MAX || at + Long.BYTES > bytes.byteSize()) {
                return false;
            }
            long expected = line == 6 ? ONE_DIGIT + ((long) length << 24)
                    : TWO_DIGITS + ((long) (length / 10) << 24) + ((long) (length % 10) << 32);
            if ((bytes.get(WORD, at) ^ expected) << Long.SIZE - line * Byte.SIZE != 0) {
                return false;
            }
            at += line + length;
        }
        return true;
    }

    /** Adds the removal of a key, whose bytes need not stay: {@code UNLINK} if {@code lazily}, else {@code DEL}. */
    public Effects deletion(int database, boolean lazily, MemorySegment key, long offset, long length) {
        request(database, 2).arg(lazily ? "UNLINK" : "DEL");
        return copy(key, offset, length);
    }

    private Effects copy(MemorySegment source, long offset, long length) {
        reserve(LENGTH_BYTES_MAX + length + END_BYTES);
        length('$', length);
        MemorySegment.copy(source, offset, text, end, length);
        end += length;
        endOfLine();
        return this;
    }

    private void refer(MemorySegment source, long offset, long length) {
        if (pieces == sources.length) {
            sources = Arrays.copyOf(sources, pieces * 2);
            offsets = Arrays.copyOf(offsets, pieces * 2);
            lengths = Arrays.copyOf(lengths, pieces * 2);
            positions = Arrays.copyOf(positions, pieces * 2);
        }
        sources[pieces] = source;
        offsets[pieces] = offset;
        lengths[pieces] = length;
        positions[pieces++] = end;
        referredBytes += length;
    }

    private void length(char mark, long value) {
        text.set(BYTE, end++, (byte) mark);
        number(value);
        endOfLine();
    }

    private void number(long value) {
        end = number(text, end, value);
    }

    /** Writes digits; returns where they end. */
    private static long number(MemorySegment into, long at, long value) {
        long after = at + digits(value);
        long place = after;
        long rest = value;
        do {
            into.set(BYTE, --place, (byte) ('0' + Math.abs((int) (rest % 10))));
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            into.set(BYTE, at, (byte) '-');
        }
        return after;
    }

    private static int digits(long value) {
        int digits = value < 0 ? 2 : 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private void endOfLine() {
        text.set(BYTE, end, (byte) '\r');
        text.set(BYTE, end + 1, (byte) '\n');
        end += END_BYTES;
    }

    /** Writes into its head how long the last request is. */
    private void seal() {
        if (count > 0) {
            text.set(LONG, begun + Integer.BYTES, end - begun - HEAD_BYTES);
        }
    }

    private void reserve(long bytes) {
        if (text.byteSize() - end < bytes) {
            Arena larger = Arena.ofShared();
            MemorySegment grown = larger.allocate(Math.max(LEAST_BYTES, 2 * (end + bytes)));
            MemorySegment.copy(text, 0, grown, 0, end);
            if (arena != null) {
                arena.close();
            }
            arena = larger;
            text = grown;
        }
    }

    /** Forgets everything: another unit begins. */
    public void clear() {
        count = 0;
        slot = NO_SLOT;
        end = 0;
        referredBytes = 0;
        Arrays.fill(sources, 0, pieces, null);
        if (pieces > KEPT_PIECES) {
            sources = new MemorySegment[KEPT_PIECES];
            offsets = new long[KEPT_PIECES];
            lengths = new long[KEPT_PIECES];
            positions = new long[KEPT_PIECES];
        }
        pieces = 0;
        if (text.byteSize() > KEPT_BYTES) {
            arena.close();
            arena = null;
            text = MemorySegment.NULL;
        }
    }

    // ---- writing down ----

    private boolean wrapped() {
        return count > 1;
    }

    /** How many bytes {@link #write} writes. */
    public long streamBytes(int selected) {
        seal();
        long bytes = end - (long) count * HEAD_BYTES + referredBytes;
        if (wrapped()) {
            bytes += MULTI.byteSize() + EXEC.byteSize();
        }
        int now = selected;
        long at = 0;
        for (int i = 0; i < count; i++) {
            int database = text.get(INT, at);
            if (database != NO_DATABASE && database != now) {
                int digits = digits(database);
                bytes += SELECT.byteSize() + 1 + digits(digits) + END_BYTES + digits + END_BYTES;
                now = database;
            }
            at += HEAD_BYTES + text.get(LONG, at + Integer.BYTES);
        }
        return bytes;
    }

    /**
     * Writes the unit as the replication stream has it: a SELECT where the database changes, MULTI and EXEC round several
     * requests. As propagatePendingCommands and replicationFeedSlaves in Redis 7.4.
     *
     * @param selected the database that the stream is in, or {@link #NO_DATABASE} if that is not known
     * @return the database that the stream is in then
     */
    public int write(int selected, Sink sink) {
        seal();
        if (wrapped()) {
            sink.bytes(MULTI, 0, MULTI.byteSize());
        }
        int now = selected;
        int piece = 0;
        long at = 0;
        for (int i = 0; i < count; i++) {
            int database = text.get(INT, at);
            if (database != NO_DATABASE && database != now) {
                select(database, sink);
                now = database;
            }
            long from = at + HEAD_BYTES;
            at = from + text.get(LONG, at + Integer.BYTES);
            for (; piece < pieces && positions[piece] < at; piece++) {
                sink.bytes(text, from, positions[piece] - from);
                sink.bytes(sources[piece], offsets[piece], lengths[piece]);
                from = positions[piece];
            }
            sink.bytes(text, from, at - from);
        }
        if (wrapped()) {
            sink.bytes(EXEC, 0, EXEC.byteSize());
        }
        return now;
    }

    private void select(int database, Sink sink) {
        sink.bytes(SELECT, 0, SELECT.byteSize());
        index.set(BYTE, 0, (byte) '$');
        long at = lineEnd(number(index, 1, digits(database)));
        at = lineEnd(number(index, at, database));
        sink.bytes(index, 0, at);
    }

    private long lineEnd(long at) {
        index.set(BYTE, at, (byte) '\r');
        index.set(BYTE, at + 1, (byte) '\n');
        return at + END_BYTES;
    }
}
