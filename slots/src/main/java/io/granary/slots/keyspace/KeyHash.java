package io.granary.slots.keyspace;

import java.lang.foreign.MemorySegment;

/** A keyed 64-bit hash of bytes. */
public final class KeyHash {

    public KeyHash(long secret0, long secret1) {
        throw new UnsupportedOperationException();
    }

    /** Never 0. */
    public long of(MemorySegment bytes, long offset, int length) {
        throw new UnsupportedOperationException();
    }
}
