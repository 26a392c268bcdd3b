package io.granary.slots.keyspace;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts of what happened to keys. Each stripe has counters of its own, in a cache line of its own, written only with
 * the stripe's lock held; readers add them up without locks and may miss the last few.
 */
public final class KeyspaceStats {

    private static final int LINE = 16;
    private static final int HITS = 0;
    private static final int MISSES = 1;
    private static final int EXPIRED = 2;
    private static final int EVICTED = 3;
    private static final int KINDS = 4;

    private final long[] counters;
    private final int mask;
    private final LongAdder toFree = new LongAdder();
    private final LongAdder freedLater = new LongAdder();
    private volatile long[] forgotten = new long[KINDS];

    KeyspaceStats(int stripes) {
        counters = new long[(stripes + 1) * LINE];
        mask = stripes - 1;
    }

    private void count(int slot, int kind) {
        counters[((slot & mask) + 1) * LINE + kind]++;
    }

    void hit(int slot) {
        count(slot, HITS);
    }

    void miss(int slot) {
        count(slot, MISSES);
    }

    void expired(int slot) {
        count(slot, EXPIRED);
    }

    void evicted(int slot) {
        count(slot, EVICTED);
    }

    private long total(int kind) {
        long sum = 0;
        for (int i = LINE + kind; i < counters.length; i += LINE) {
            sum += counters[i];
        }
        return sum;
    }

    private long sinceReset(int kind) {
        return total(kind) - forgotten[kind];
    }

    /** Reads that found their key. */
    public long hits() {
        return sinceReset(HITS);
    }

    /** Reads that did not. */
    public long misses() {
        return sinceReset(MISSES);
    }

    /** Keys removed because their time had come. */
    public long expired() {
        return sinceReset(EXPIRED);
    }

    /** Keys removed to make room. */
    public long evicted() {
        return sinceReset(EVICTED);
    }

    void flushed(long keys) {
        toFree.add(keys);
    }

    void freedLater(long keys) {
        toFree.add(-keys);
        freedLater.add(keys);
    }

    /** Flushed keys whose memory is still to be freed. */
    public long toFree() {
        return toFree.sum();
    }

    /** Flushed keys whose memory has been freed. */
    public long freedLater() {
        return freedLater.sum();
    }

    /** Counts from 0 again (CONFIG RESETSTAT). */
    public void reset() {
        freedLater.reset();
        long[] totals = new long[KINDS];
        for (int kind = 0; kind < KINDS; kind++) {
            totals[kind] = total(kind);
        }
        forgotten = totals;
    }
}
