package io.granary.node.metrics;

import io.granary.slots.Slot;

/**
 * What one event loop has counted of the commands of each slot. Only that loop writes; others read without a lock, so a sum
 * may miss the last few commands. No count ever goes back: see {@link SlotStatistics#forget}.
 *
 * <p>The counts of a slot lie side by side, half a cache line of them, and pages of neighbouring slots are made when one of
 * theirs is first used. All together they are too many for the nearest caches, so a loop {@link #note notes} what its
 * commands cost in a short list and adds it up behind them: misses that do not depend on each other then overlap, where one
 * behind each command would be waited for by the reading of the clock that ends the next.
 */
public final class SlotCounts {

    /** Time in commands, in nanoseconds. */
    static final int NANOS = 0;
    /** Bytes of requests. */
    static final int BYTES_IN = 1;
    /** Bytes of replies. */
    static final int BYTES_OUT = 2;

    private static final int WIDTH_LOG = 2;
    private static final int PAGE_LOG = 8;
    private static final int PAGE_MASK = (1 << PAGE_LOG) - 1;
    private static final int NOTES = 64;

    private final long[][] pages = new long[Slot.COUNT >> PAGE_LOG][];
    private final int[] slots = new int[NOTES];
    private final long[] costs = new long[NOTES * 3];
    private int noted;

    /** Notes a command of the slot, to be counted by {@link #settle}. */
    public void note(int slot, long nanos, long bytesIn, long bytesOut) {
        if (noted == NOTES) {
            settle();
        }
        int i = noted++;
        slots[i] = slot;
        costs[3 * i + NANOS] = nanos;
        costs[3 * i + BYTES_IN] = bytesIn;
        costs[3 * i + BYTES_OUT] = bytesOut;
    }

    /** Counts what was noted. */
    public void settle() {
        for (int i = 0; i < noted; i++) {
            add(slots[i], costs[3 * i + NANOS], costs[3 * i + BYTES_IN], costs[3 * i + BYTES_OUT]);
        }
        noted = 0;
    }

    void add(int slot, long nanos, long bytesIn, long bytesOut) {
        long[] page = pages[slot >> PAGE_LOG];
        if (page == null) {
            page = new long[1 << PAGE_LOG + WIDTH_LOG];
            pages[slot >> PAGE_LOG] = page;
        }
        int at = (slot & PAGE_MASK) << WIDTH_LOG;
        page[at + NANOS] += nanos;
        page[at + BYTES_IN] += bytesIn;
        page[at + BYTES_OUT] += bytesOut;
    }

    long of(int slot, int kind) {
        long[] page = pages[slot >> PAGE_LOG];
        return page == null ? 0 : page[((slot & PAGE_MASK) << WIDTH_LOG) + kind];
    }
}
