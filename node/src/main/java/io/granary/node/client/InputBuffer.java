package io.granary.node.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;

/**
 * Bytes that a client sent and that could not be used yet: the head of a request whose rest has not come, or requests behind
 * one that waits. It grows with the bytes that have arrived, never by a length that was announced.
 */
final class InputBuffer {

    /** The most that can be held. */
    static final int BYTES_MAX = Integer.MAX_VALUE - (1 << 20);

    private static final int INITIAL_BYTES = 16 * 1024;
    /** More than this is not held for a few bytes. */
    private static final int ROOMY_BYTES = 1024 * 1024;

    private final ByteBufAllocator allocator;
    private ByteBuf bytes;
    private MemorySegment segment = MemorySegment.NULL;
    private int from;
    private int to;

    InputBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    boolean isEmpty() {
        return from == to;
    }

    int size() {
        return to - from;
    }

    /** Bytes of memory held; asked by any thread. */
    int capacity() {
        ByteBuf held = bytes;
        return held == null ? 0 : held.capacity();
    }

    MemorySegment segment() {
        return segment;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    void append(MemorySegment source, int offset, int length) {
        makeRoom(length);
        MemorySegment.copy(source, offset, segment, to, length);
        to += length;
    }

    private void makeRoom(int length) {
        if (bytes != null && bytes.capacity() - to >= length) {
            return;
        }
        int size = size();
        if (bytes != null && from >= size && bytes.capacity() - size >= length) {
            MemorySegment.copy(segment, from, segment, 0, size);
        } else {
            int capacity = Math.max(INITIAL_BYTES, Math.toIntExact(Math.min(Integer.MAX_VALUE - 8L, 2L * (size + length))));
            moveTo(capacity);
        }
        from = 0;
        to = size;
    }

    private void moveTo(int capacity) {
        ByteBuf other = allocator.directBuffer(capacity, capacity);
        MemorySegment otherSegment = MemorySegment.ofBuffer(other.nioBuffer(0, capacity));
        int size = size();
        MemorySegment.copy(segment, from, otherSegment, 0, size);
        release();
        bytes = other;
        segment = otherSegment;
        to = size;
    }

    /** Gives most of the memory back that an unusually long request has needed, if little is left of what came with it. */
    void shrink() {
        if (bytes != null && bytes.capacity() > ROOMY_BYTES && from > 0 && size() < bytes.capacity() / 8) {
            moveTo(Math.max(INITIAL_BYTES, 2 * size()));
        }
    }

    /** Forgets the bytes before {@code index}, and the memory when none are left. */
    void consumeTo(int index) {
        from = index;
        if (from == to) {
            release();
        }
    }

    void release() {
        if (bytes != null) {
            bytes.release();
            bytes = null;
            segment = MemorySegment.NULL;
        }
        from = 0;
        to = 0;
    }
}
