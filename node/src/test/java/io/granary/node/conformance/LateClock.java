package io.granary.node.conformance;

import io.granary.node.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The clock of the machine, put forward at will: time passes for a node while its test does not wait. */
final class LateClock implements Clock {

    private final AtomicLong aheadMs = new AtomicLong();

    void advance(long ms) {
        aheadMs.addAndGet(ms);
    }

    @Override
    public long unixMs() {
        return System.currentTimeMillis() + aheadMs.get();
    }

    @Override
    public long nanos() {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(aheadMs.get());
    }
}
