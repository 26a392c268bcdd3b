package io.granary.resp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One request: its arguments as places in a native segment that somebody else owns. An instance is reused for request
 * after request, so nothing is allocated for one; whoever keeps a request beyond its turn copies it.
 */
public final class Request {

    /** The longest argument that is copied to the heap whole: values may be far larger, but they are not copied there. */
    public static final int COPY_BYTES_MAX = 16 * 1024 * 1024;

    private static final int INITIAL_ARGUMENTS = 16;
    /** Places for so many arguments are kept for the next request. */
    private static final int KEPT_ARGUMENTS = 1024;
    private static final int TEXT_BYTES_MAX = 1024 * 1024;

    private MemorySegment bytes = MemorySegment.NULL;
    /** Where the offsets count from, so that a request moves at once with the bytes it lies in. */
    private int base;
    private int count;
    /** Of each argument the offset from {@link #base} in the upper half, the length in the lower. */
    private long[] places = new long[INITIAL_ARGUMENTS];

    /** The native segment in which all arguments lie. */
    public MemorySegment bytes() {
        return bytes;
    }

    /** The number of arguments, the command's name included. */
    public int count() {
        return count;
    }

    /** Where argument {@code i} begins in {@link #bytes()}. */
    public int offset(int i) {
        return base + (int) (places[i] >>> 32);
    }

    /** The length of argument {@code i} in bytes. */
    public int length(int i) {
        return (int) places[i];
    }

    /** Byte {@code j} of argument {@code i}. */
    public byte at(int i, int j) {
        return bytes.get(ValueLayout.JAVA_BYTE, offset(i) + (long) j);
    }

    /** A copy of argument {@code i}; {@link ArgumentTooLongException} if it has more than {@link #COPY_BYTES_MAX} bytes. */
    public byte[] toBytes(int i) {
        if (length(i) > COPY_BYTES_MAX) {
            throw new ArgumentTooLongException(length(i));
        }
        return toBytes(i, COPY_BYTES_MAX);
    }

    /** A copy of argument {@code i}, or of its first {@code max} bytes. */
    public byte[] toBytes(int i, int max) {
        byte[] copy = new byte[Math.min(length(i), max)];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, offset(i), copy, 0, copy.length);
        return copy;
    }

    /**
     * Argument {@code i} as text, one character a byte, so that any bytes survive the way there and back. Only the first
     * mebibyte of it: no name, number or option is longer.
     */
    public String toText(int i) {
        return toText(i, TEXT_BYTES_MAX);
    }

    /** The first {@code max} bytes of argument {@code i} as text. */
    public String toText(int i, int max) {
        return new String(toBytes(i, max), StandardCharsets.ISO_8859_1);
    }

    /** Whether argument {@code i} is the word, compared without regard to ASCII case; {@code word} is upper case. */
    public boolean is(int i, String word) {
        int length = length(i);
        if (length != word.length()) {
            return false;
        }
        int offset = offset(i);
        for (int j = 0; j < length; j++) {
            int b = bytes.get(ValueLayout.JAVA_BYTE, offset + (long) j);
            if (b >= 'a' && b <= 'z') {
                b -= 'a' - 'A';
            }
            if (b != word.charAt(j)) {
                return false;
            }
        }
        return true;
    }

    /** Begins a new request whose arguments lie in {@code segment}. */
    public void begin(MemorySegment segment) {
        begin(segment, 0);
    }

    /** Begins a new request whose arguments lie in {@code segment}, none before {@code start}. */
    void begin(MemorySegment segment, int start) {
        bytes = segment;
        base = start;
        count = 0;
    }

    /** Appends an argument. */
    public void add(int offset, int length) {
        if (count == places.length) {
            places = Arrays.copyOf(places, count * 2);
        }
        places[count++] = (long) (offset - base) << 32 | length;
    }

    /** The same arguments in another segment, all moved by {@code delta} bytes: for a buffer that was compacted or grown. */
    public void rebase(MemorySegment segment, int delta) {
        bytes = segment;
        base += delta;
    }

    /** Makes this request the same as {@code other}, in the same segment. */
    public void set(Request other) {
        begin(other.bytes, other.base);
        if (places.length < other.count) {
            places = new long[other.places.length];
        }
        System.arraycopy(other.places, 0, places, 0, other.count);
        count = other.count;
    }

    /** Frees the array of an unusually long request, so that one huge request does not hold memory for ever. */
    public void trim() {
        if (places.length > KEPT_ARGUMENTS) {
            places = new long[INITIAL_ARGUMENTS];
            count = 0;
        }
    }
}
