package io.granary.slots.keyspace;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What remains to be done later, in bounded steps: the records of tables that were cleared whole, which are freed
 * without any slot's lock, and large tables that are being moved and that nobody writes to any more.
 */
final class Reclaimer {

    /** Some thousand records: a fraction of a millisecond. */
    static final int BUCKETS_PER_STEP = 128;

    private final Queue<DetachedTable> detached = new ConcurrentLinkedQueue<>();
    private final Queue<SlotStore> moving = new ConcurrentLinkedQueue<>();
    private final ReentrantLock lock = new ReentrantLock();

    void add(DetachedTable table) {
        detached.add(table);
    }

    /**
     * Frees some thousand records; returns whether there is more. One thread at a time does it, others are told that
     * there is more.
     */
    boolean step() {
        if (!lock.tryLock()) {
            return true;
        }
        try {
            DetachedTable table = detached.peek();
            if (table != null && table.free(BUCKETS_PER_STEP)) {
                detached.remove();
            }
            return !detached.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    void moveStarted(SlotStore store) {
        moving.add(store);
    }

    /** A store whose table is, or was a moment ago, being moved; or null. */
    SlotStore moving() {
        return moving.peek();
    }

    /** Forgets a store whose move is complete; returns whether it was the last. */
    boolean moved(SlotStore store) {
        moving.remove(store);
        return moving.isEmpty();
    }
}
