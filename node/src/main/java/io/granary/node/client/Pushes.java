package io.granary.node.client;

import java.util.concurrent.atomic.AtomicInteger;

/** How much of what others push to a client waits for its event loop, in bytes of heap: it is bounded. */
final class Pushes {

    private static final int PENDING_BYTES_MAX = 16 * 1024 * 1024;

    /** What each takes beside its own bytes. */
    private static final int OVERHEAD_BYTES = 128;

    private final AtomicInteger pendingBytes = new AtomicInteger();

    /** Takes room for a push; false if there is none. */
    boolean reserve(byte[] bytes) {
        int cost = bytes.length + OVERHEAD_BYTES;
        if (pendingBytes.addAndGet(cost) <= PENDING_BYTES_MAX) {
            return true;
        }
        pendingBytes.addAndGet(-cost);
        return false;
    }

    void release(byte[] bytes) {
        pendingBytes.addAndGet(-(bytes.length + OVERHEAD_BYTES));
    }
}
