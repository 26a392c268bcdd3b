package io.granary.node.replication.replicas;

import java.util.concurrent.atomic.LongAdder;

/** How often replicas were brought in step, and how many bytes they were sent, since the start or CONFIG RESETSTAT. */
public final class SyncCounts {

    private final LongAdder full = new LongAdder();
    private final LongAdder partial = new LongAdder();
    private final LongAdder partialRefused = new LongAdder();
    private final LongAdder sentBytes = new LongAdder();

    /** Full syncs that were asked for. */
    public long full() {
        return full.sum();
    }

    /** Partial syncs. */
    public long partial() {
        return partial.sum();
    }

    /** Partial syncs that were asked for and could not be. */
    public long partialRefusals() {
        return partialRefused.sum();
    }

    /** Bytes of snapshots and of the log. */
    public long sentBytes() {
        return sentBytes.sum();
    }

    /** Forgets what was counted. */
    public void reset() {
        full.reset();
        partial.reset();
        partialRefused.reset();
        sentBytes.reset();
    }

    void fullBegun() {
        full.increment();
    }

    void partialBegun() {
        partial.increment();
    }

    void partialRefused() {
        partialRefused.increment();
    }

    void sent(long bytes) {
        sentBytes.add(bytes);
    }
}
