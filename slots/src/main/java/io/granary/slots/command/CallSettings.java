package io.granary.slots.command;

import io.granary.slots.keyspace.EvictionPolicy;

/**
 * The directives that commands on data depend on: one consistent set of values, replaced as a whole when one of them
 * changes.
 *
 * @param policy {@code maxmemory-policy}
 * @param memoryLimited whether {@code maxmemory} is set
 * @param lfuDecayMinutes {@code lfu-decay-time}
 * @param lfuLogFactor {@code lfu-log-factor}
 * @param stringBytesMax {@code proto-max-bulk-len}: the longest string that a command may make
 * @param keepExpired whether expired keys are hidden and not removed: on a replica, whose primary removes them, and while
 *     writes are paused
 */
public record CallSettings(
        EvictionPolicy policy,
        boolean memoryLimited,
        int lfuDecayMinutes,
        int lfuLogFactor,
        long stringBytesMax,
        boolean keepExpired) {

    /** As redis.conf has them. */
    public static final CallSettings DEFAULT =
            new CallSettings(EvictionPolicy.NOEVICTION, false, 1, 10, 512L * 1024 * 1024, false);

    /** Whether Redis would share its objects of small integers: not where each needs an access clock of its own. */
    public boolean sharesIntegers() {
        boolean needsClocks = policy.countsFrequency()
                || policy == EvictionPolicy.ALLKEYS_LRU
                || policy == EvictionPolicy.VOLATILE_LRU;
        return !(memoryLimited && needsClocks);
    }
}
