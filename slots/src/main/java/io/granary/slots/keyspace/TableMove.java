package io.granary.slots.keyspace;

/** A table that is being moved to another of a different size, and how far the move has come. */
final class TableMove {

    /** The old table. */
    final long base;

    final int buckets;

    /** Entries at home in old buckets below this one are in the new table. */
    int next;

    /** Old buckets below this one were given back to the system. */
    int released;

    TableMove(long base, int buckets) {
        this.base = base;
        this.buckets = buckets;
    }
}
