package io.granary.slots.keyspace;

import io.granary.slots.memory.Heap;
import java.lang.foreign.MemorySegment;

/** A table that no store knows any more and whose records are freed bit by bit. */
final class DetachedTable {

    private final Heap heap;
    private final MemorySegment memory;
    private final int shift;
    private final long base;
    private final int buckets;
    private final long oldBase;
    private final int oldBuckets;
    private int next;
    private int oldNext;

    /** @param oldBase of a table that was being moved to the other one; with {@code oldBuckets} 0 there is none */
    DetachedTable(Heap heap, long base, int buckets, long oldBase, int oldBuckets) {
        this.heap = heap;
        this.memory = heap.memory().segment();
        this.shift = heap.memory().referenceShift();
        this.base = base;
        this.buckets = buckets;
        this.oldBase = oldBase;
        this.oldBuckets = oldBuckets;
    }

    /**
     * Frees the records of at most {@code count} buckets, and the tables behind the last one; returns whether all is
     * done.
     */
    boolean free(int count) {
        for (int i = 0; i < count; i++) {
            if (next < buckets) {
                freeRecords(base + ((long) next++ << Bucket.LOG));
            } else if (oldNext < oldBuckets) {
                freeRecords(oldBase + ((long) oldNext++ << Bucket.LOG));
            } else {
                heap.free(base);
                if (oldBuckets > 0) {
                    heap.free(oldBase);
                }
                return true;
            }
        }
        return false;
    }

    private void freeRecords(long bucket) {
        for (int bits = Bucket.taken(memory, bucket); bits != 0; bits &= bits - 1) {
            int reference = Bucket.reference(memory, bucket, Integer.numberOfTrailingZeros(bits));
            heap.free((reference & 0xFFFFFFFFL) << shift);
        }
    }
}
