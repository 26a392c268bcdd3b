package io.granary.node.commands;

import io.granary.slots.command.Errors;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.AccessClock;

/**
 * The options of RESTORE as given.
 *
 * @param absolute whether the time to live is a unix time
 * @param idleSeconds how long ago the key was last used, or -1
 * @param frequency the LFU counter, or -1
 */
record RestoreOptions(boolean replace, boolean absolute, long idleSeconds, int frequency) {

    private static final int FREQUENCY_MAX = 255;
    /** What the clock can tell. */
    private static final long IDLE_SECONDS_MAX = (1 << 24) - 1;

    static RestoreOptions of(SlotCall call, int first) {
        boolean replace = false;
        boolean absolute = false;
        long idleSeconds = -1;
        long frequency = -1;
        for (int i = first; i < call.argc(); i++) {
            boolean last = i + 1 == call.argc();
            if (call.is(i, "REPLACE")) {
                replace = true;
            } else if (call.is(i, "ABSTTL")) {
                absolute = true;
            } else if (call.is(i, "IDLETIME") && !last && frequency < 0) {
                idleSeconds = idle(call, ++i);
            } else if (call.is(i, "FREQ") && !last && idleSeconds < 0) {
                frequency = frequency(call, ++i);
            } else {
                throw Errors.SYNTAX;
            }
        }
        return new RestoreOptions(replace, absolute, idleSeconds, (int) frequency);
    }

    private static long idle(SlotCall call, int i) {
        long seconds = call.integerArg(i);
        if (seconds < 0) {
            throw Errors.err("Invalid IDLETIME value, must be >= 0");
        }
        return Math.min(seconds, IDLE_SECONDS_MAX);
    }

    private static long frequency(SlotCall call, int i) {
        long counter = call.integerArg(i);
        if (counter < 0 || counter > FREQUENCY_MAX) {
            throw Errors.err("Invalid FREQ value, must be >= 0 and <= 255");
        }
        return counter;
    }

    /** The access clock of the key; an option that the policy has no use for counts for nothing. */
    int clock(SlotCall call) {
        boolean counts = call.settings().policy().countsFrequency();
        if (counts && frequency >= 0) {
            return AccessClock.lfu(call.nowMs(), frequency);
        }
        return !counts && idleSeconds >= 0 ? AccessClock.lru(call.nowMs() - idleSeconds * 1000) : call.newClock();
    }
}
