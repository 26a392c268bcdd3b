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

    private static final int INITIAL_ARGUMENTS = 16;

    private MemorySegment bytes = MemorySegment.NULL;
    private int count;
    private int[] offsets = new int[INITIAL_ARGUMENTS];
    private int[] lengths = new int[INITIAL_ARGUMENTS];

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
        return offsets[i];
    }

    /** The length of argument {@code i} in bytes. */
    public int length(int i) {
        return lengths[i];
    }

    /** Byte {@code j} of argument {@code i}. */
    public byte at(int i, int j) {
        return bytes.get(ValueLayout.JAVA_BYTE, offsets[i] + (long) j);
    }

    /** A copy of argument {@code i}. */
    public byte[] toBytes(int i) {
        byte[] copy = new byte[lengths[i]];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, offsets[i], copy, 0, copy.length);
        return copy;
    }

    /** Argument {@code i} as text, one character a byte, so that any bytes survive the way there and back. */
    public String toText(int i) {
        return new String(toBytes(i), StandardCharsets.ISO_8859_1);
    }

    /** Whether argument {@code i} is the word, compared without regard to ASCII case; {@code word} is upper case. */
    public boolean is(int i, String word) {
        int length = lengths[i];
        if (length != word.length()) {
            return false;
        }
        int offset = offsets[i];
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
        bytes = segment;
        count = 0;
    }

    /** Appends an argument. */
    public void add(int offset, int length) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        offsets[count] = offset;
        lengths[count] = length;
        count++;
    }

    /** The same arguments in another segment, all moved by {@code delta} bytes: for a buffer that was compacted or grown. */
    public void rebase(MemorySegment segment, int delta) {
        bytes = segment;
        for (int i = 0; i < count; i++) {
            offsets[i] += delta;
        }
    }

    /** Makes this request the same as {@code other}, in the same segment. */
    public void set(Request other) {
        begin(other.bytes);
        for (int i = 0; i < other.count; i++) {
            add(other.offsets[i], other.lengths[i]);
        }
    }

    /** Frees the arrays of an unusually long request, so that one huge request does not hold memory for ever. */
    public void trim() {
        if (offsets.length > 1024) {
            offsets = new int[INITIAL_ARGUMENTS];
            lengths = new int[INITIAL_ARGUMENTS];
            count = 0;
        }
    }
}
