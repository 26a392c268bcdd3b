package io.granary.node.dispatch;

import io.granary.slots.command.Errors;
import java.util.concurrent.atomic.AtomicLong;

/** How much heap the watched keys of all clients may take together, lest one client's WATCH ends the node. */
final class WatchBudget {

    /** What a watched key takes beside two copies of its name, about, in bytes. */
    private static final int KEY_OVERHEAD_BYTES = 384;

    private final long bytesMax;
    private final AtomicLong bytes = new AtomicLong();

    WatchBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    private static long cost(byte[] key) {
        return KEY_OVERHEAD_BYTES + 2L * key.length;
    }

    /** Accounts for a key, or refuses it with Redis's error for full memory. */
    void take(byte[] key) {
        if (bytes.addAndGet(cost(key)) > bytesMax) {
            giveBack(key);
            throw Errors.OUT_OF_MEMORY;
        }
    }

    void giveBack(byte[] key) {
        bytes.addAndGet(-cost(key));
    }
}
