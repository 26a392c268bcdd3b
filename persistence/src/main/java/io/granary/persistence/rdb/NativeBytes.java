package io.granary.persistence.rdb;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** A string in native memory that grows with what is appended, and is filled again and again. For one thread. */
public final class NativeBytes implements AutoCloseable {

    private static final int INITIAL_BYTES = 256;
    /** What a long string has needed is given back when a short one follows. */
    private static final long KEPT_BYTES_MAX = 1 << 20;

    private Arena arena = Arena.ofConfined();
    private MemorySegment segment = arena.allocate(INITIAL_BYTES);
    private long length;

    NativeBytes() {}

    /** Where the string lies, from offset 0 on; until it changes. */
    public MemorySegment segment() {
        return segment;
    }

    public long length() {
        return length;
    }

    /** A copy. */
    public byte[] toArray() {
        return segment.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The string as text, one character a byte, or as much of it as {@code max} characters hold. */
    public String text(int max) {
        byte[] bytes = segment.asSlice(0, Math.min(length, max)).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    void clear() {
        length = 0;
        if (segment.byteSize() > KEPT_BYTES_MAX) {
            move(INITIAL_BYTES);
        }
    }

    /** Makes the string {@code newLength} bytes long; what is added is undefined. */
    MemorySegment resize(long newLength) {
        if (newLength > segment.byteSize()) {
            move(Math.max(newLength, segment.byteSize() * 2));
        }
        length = newLength;
        return segment;
    }

    void append(MemorySegment source, long offset, long count) {
        long behind = length;
        MemorySegment.copy(source, offset, resize(behind + count), behind, count);
    }

    private void move(long bytes) {
        Arena larger = Arena.ofConfined();
        MemorySegment moved = larger.allocate(bytes);
        MemorySegment.copy(segment, 0, moved, 0, length);
        arena.close();
        arena = larger;
        segment = moved;
    }

    @Override
    public void close() {
        arena.close();
    }
}
