package io.granary.slots.keyspace;

import java.util.random.RandomGenerator;

/** Frees memory by removing keys. */
public final class Eviction {

    public Eviction(Keyspace keyspace) {
        throw new UnsupportedOperationException();
    }

    /** Takes effect with the next call of {@link #makeRoom}. */
    public void configure(EvictionPolicy policy, int samples, int lfuDecayMinutes) {
        throw new UnsupportedOperationException();
    }

    /**
     * Removes keys until at most {@code limit} bytes are used; takes the locks it needs itself. One thread at a time.
     *
     * @param visitor shown each record before it is removed
     * @return false if it cannot
     */
    public boolean makeRoom(long limit, long nowMs, RandomGenerator random, StoreVisitor visitor) {
        throw new UnsupportedOperationException();
    }
}
