package io.granary.slots.keyspace;

import io.granary.slots.memory.Heap;
import java.lang.foreign.MemorySegment;

/** A table that no store knows any more and whose records are freed bit by bit. */
final class DetachedTable {

    private static final long PAGE_BYTES_PER_STEP = 2 << 20;

    private final Heap heap;
    private final KeyspaceStats stats;
    private final MemorySegment memory;
    private final int shift;
    private final long base;
    private final int buckets;
    private final long oldBase;
    private final int oldBuckets;
    private int next;
    private int oldNext;

    /** @param oldBase of a table that was being moved to the other one; with {@code oldBuckets} 0 there is none */
    DetachedTable(Heap heap, KeyspaceStats stats, long base, int buckets, long oldBase, int oldBuckets) {
        this.heap = heap;
        this.stats = stats;
        this.memory = heap.memory().segment();
        this.shift = heap.memory().referenceShift();
        this.base = base;
        this.buckets = buckets;
        this.oldBase = oldBase;
        this.oldBuckets = oldBuckets;
    }

    /**
     * Frees the records of at most {@code count} buckets, and the tables behind the last one; returns whether all is
     * done. Ends early when many pages have become free, which cost far more than records.
     */
    boolean free(int count) {
        long enough = heap.memory().pageBytes() - PAGE_BYTES_PER_STEP;
        int freed = 0;
        boolean done = false;
        for (int i = 0; i < count && !done && heap.memory().pageBytes() > enough; i++) {
            if (next < buckets) {
                freed += freeRecords(base + ((long) next++ << Bucket.LOG));
            } else if (oldNext < oldBuckets) {
                freed += freeRecords(oldBase + ((long) oldNext++ << Bucket.LOG));
            } else {
                heap.free(base);
                if (oldBuckets > 0) {
                    heap.free(oldBase);
                }
                done = true;
            }
        }
        stats.freedLater(freed);
        return done;
    }

    /** The number of buckets, those of an old table among them. */
    long allBuckets() {
        return (long) buckets + oldBuckets;
    }

    /** Visits the records of a bucket with a number below {@link #allBuckets}, as long as nothing was freed. */
    void visit(long number, RecordVisitor visitor) {
        long bucket = number < buckets ? base + (number << Bucket.LOG) : oldBase + (number - buckets << Bucket.LOG);
        for (int bits = Bucket.taken(memory, bucket); bits != 0; bits &= bits - 1) {
            int reference = Bucket.reference(memory, bucket, Integer.numberOfTrailingZeros(bits));
            visitor.visit((reference & 0xFFFFFFFFL) << shift);
        }
    }

    private int freeRecords(long bucket) {
        int taken = Bucket.taken(memory, bucket);
        for (int bits = taken; bits != 0; bits &= bits - 1) {
            int reference = Bucket.reference(memory, bucket, Integer.numberOfTrailingZeros(bits));
            heap.free((reference & 0xFFFFFFFFL) << shift);
        }
        return Integer.bitCount(taken);
    }
}
