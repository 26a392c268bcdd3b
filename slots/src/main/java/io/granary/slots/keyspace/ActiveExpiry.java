package io.granary.slots.keyspace;

import java.util.function.BooleanSupplier;

/** The walk that removes expired keys nobody asks for. */
public final class ActiveExpiry {

    public ActiveExpiry(Keyspace keyspace) {
        throw new UnsupportedOperationException();
    }

    /**
     * Goes on where it stopped, until little of what it looks at has expired or {@code outOfTime} says so. Takes the slots'
     * locks itself, briefly. One thread at a time.
     *
     * @param visitor shown each record before it is removed
     * @return the number of keys removed
     */
    public int step(long nowMs, BooleanSupplier outOfTime, StoreVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** The mean time to live of what was looked at lately, in milliseconds; 0 where nothing was. */
    public long averageTtlMs(int database) {
        throw new UnsupportedOperationException();
    }
}
