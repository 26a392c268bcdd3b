package io.granary.tools.move;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How far the moving is; written by those who move, read by whoever shows it. */
public final class Progress {

    private final int slotsInAll;
    private final long keysInAll;
    private final AtomicInteger slots = new AtomicInteger();
    private final AtomicLong keys = new AtomicLong();

    /** @param keysInAll as counted before; writers may change it meanwhile */
    public Progress(int slotsInAll, long keysInAll) {
        this.slotsInAll = slotsInAll;
        this.keysInAll = keysInAll;
    }

    void moved(int someSlots, long someKeys) {
        slots.addAndGet(someSlots);
        keys.addAndGet(someKeys);
    }

    public int slotsInAll() {
        return slotsInAll;
    }

    public long keysInAll() {
        return keysInAll;
    }

    public int slots() {
        return slots.get();
    }

    public long keys() {
        return keys.get();
    }

    /** How much of the work is done, from 0 to 1: by keys where there are any. */
    public double share() {
        double share = keysInAll > 0 ? (double) keys() / keysInAll : slotsInAll > 0 ? (double) slots() / slotsInAll : 1;
        return slots() == slotsInAll ? 1 : Math.min(share, 1);
    }
}
