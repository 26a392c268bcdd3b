package io.granary.slots.memory;

import java.lang.foreign.MemorySegment;

/** The one reserved region of virtual memory in which a node keeps all its data. */
public final class NativeMemory implements AutoCloseable {

    public static NativeMemory reserve(long bytes, MemoryOptions options) {
        throw new UnsupportedOperationException();
    }

    public MemorySegment segment() {
        throw new UnsupportedOperationException();
    }

    public long size() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
