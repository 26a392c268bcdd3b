package io.granary.slots.keyspace;

/** Counters. */
public final class KeyspaceStats {

    public long hits() {
        throw new UnsupportedOperationException();
    }

    public long misses() {
        throw new UnsupportedOperationException();
    }

    public long expired() {
        throw new UnsupportedOperationException();
    }

    public long evicted() {
        throw new UnsupportedOperationException();
    }

    /** Starts counting afresh (CONFIG RESETSTAT). */
    public void reset() {
        throw new UnsupportedOperationException();
    }
}
