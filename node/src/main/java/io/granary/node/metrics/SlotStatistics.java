package io.granary.node.metrics;

import io.granary.slots.Slot;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What all event loops have counted of each slot's commands since the slot came here, or since the last reset.
 *
 * <p>The time of a command is what passed since the one before it on its event loop had ended: reading, looking for and
 * running it, as {@code cmdstat} has it, from the one reading of the clock that each command takes anyway. A loop decodes
 * some requests ahead, and their decoding is added to the first of them; so a single command's time is right to some
 * microseconds, a slot's sum is right on the average, and the sum of all slots is what the loops spent on commands with
 * keys. The time of EXEC is that of all that it ran. It is time that passed, as in Redis and Valkey, though they call it
 * cpu: on a machine with too few cores it has waits in it.
 */
public final class SlotStatistics {

    private final List<SlotCounts> loops;
    /** What is taken off: the counts when the slot came or was forgotten last. */
    private final SlotCounts before = new SlotCounts();

    public SlotStatistics(List<SlotCounts> loops) {
        this.loops = List.copyOf(loops);
    }

    /** Time spent in the slot's commands, in microseconds. */
    public synchronized long micros(int slot) {
        return TimeUnit.NANOSECONDS.toMicros(since(slot, SlotCounts.NANOS));
    }

    /** Bytes of requests for the slot, refused ones among them. */
    public synchronized long bytesIn(int slot) {
        return since(slot, SlotCounts.BYTES_IN);
    }

    /** Bytes of replies. */
    public synchronized long bytesOut(int slot) {
        return since(slot, SlotCounts.BYTES_OUT);
    }

    private long since(int slot, int kind) {
        return total(slot, kind) - before.of(slot, kind);
    }

    private long total(int slot, int kind) {
        long sum = 0;
        for (SlotCounts loop : loops) {
            sum += loop.of(slot, kind);
        }
        return sum;
    }

    /** Counts a slot from 0 again. */
    public synchronized void forget(int slot) {
        long nanos = since(slot, SlotCounts.NANOS);
        long in = since(slot, SlotCounts.BYTES_IN);
        long out = since(slot, SlotCounts.BYTES_OUT);
        if (nanos != 0 || in != 0 || out != 0) {
            before.add(slot, nanos, in, out);
        }
    }

    /** Counts all slots from 0 again: CONFIG RESETSTAT. */
    public synchronized void forgetAll() {
        for (int slot = 0; slot < Slot.COUNT; slot++) {
            forget(slot);
        }
    }
}
