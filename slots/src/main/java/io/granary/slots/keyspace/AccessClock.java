package io.granary.slots.keyspace;

import java.util.random.RandomGenerator;

/**
 * The arithmetic of the 24 bits in which a record remembers its use.
 *
 * <p>Under an LRU policy they are the second of the last access, modulo 2^24 (194 days). Under an LFU policy the upper
 * 16 bits are the minute of the last access, modulo 2^16, and the lower 8 a counter that grows with the logarithm of
 * the number of accesses and falls by one each {@code lfu-decay-time} minutes. As Redis, evict.c.
 */
public final class AccessClock {

    /** The counter of a new key: enough to survive until its first accesses are counted. */
    public static final int LFU_INITIAL = 5;

    private static final int LRU_MASK = 0xFFFFFF;
    private static final int MINUTE_MASK = 0xFFFF;
    private static final int COUNTER_MAX = 255;

    private AccessClock() {}

    public static int lru(long nowMs) {
        return (int) (nowMs / 1000) & LRU_MASK;
    }

    /** How long ago the LRU clock was set, in milliseconds, to the second. */
    public static long idleMs(int clock, long nowMs) {
        int now = lru(nowMs);
        return 1000L * (now >= clock ? now - clock : now + LRU_MASK - clock);
    }

    public static int lfu(long nowMs) {
        return lfu(nowMs, LFU_INITIAL);
    }

    public static int lfu(long nowMs, int counter) {
        return minute(nowMs) << 8 | counter;
    }

    private static int minute(long nowMs) {
        return (int) (nowMs / 60_000) & MINUTE_MASK;
    }

    /** The counter as it stands now, what has decayed taken off. */
    public static int lfuCounter(int clock, long nowMs, int decayMinutes) {
        int counter = clock & COUNTER_MAX;
        if (decayMinutes == 0) {
            return counter;
        }
        int then = clock >>> 8;
        int now = minute(nowMs);
        int elapsed = now >= then ? now - then : MINUTE_MASK - then + now;
        return Math.max(0, counter - elapsed / decayMinutes);
    }

    /** The LFU clock after one more access. */
    public static int lfuAccessed(int clock, long nowMs, int decayMinutes, int logFactor, RandomGenerator random) {
        int counter = lfuCounter(clock, nowMs, decayMinutes);
        if (counter < COUNTER_MAX) {
            double probability = 1.0 / ((double) Math.max(0, counter - LFU_INITIAL) * logFactor + 1);
            if (random.nextDouble() < probability) {
                counter++;
            }
        }
        return lfu(nowMs, counter);
    }
}
