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
 * @param expiredKeys what becomes of keys whose time has come
 * @param lazyExpire {@code lazyfree-lazy-expire}: others are told of such a key as UNLINK
 * @param lazyServerDelete {@code lazyfree-lazy-server-del}: likewise of a key that a command removes on the side
 */
public record CallSettings(
        EvictionPolicy policy,
        boolean memoryLimited,
        int lfuDecayMinutes,
        int lfuLogFactor,
        long stringBytesMax,
        ExpiredKeys expiredKeys,
        boolean lazyExpire,
        boolean lazyServerDelete) {

    /** As redis.conf has them. */
    public static final CallSettings DEFAULT = new CallSettings(
            EvictionPolicy.NOEVICTION, false, 1, 10, 512L * 1024 * 1024, ExpiredKeys.REMOVED, false, false);

    /** Whether a key whose time has come stays where it is. */
    public boolean keepExpired() {
        return expiredKeys != ExpiredKeys.REMOVED;
    }

    /** The same settings with another rule for keys whose time has come. */
    public CallSettings with(ExpiredKeys rule) {
        return new CallSettings(
                policy, memoryLimited, lfuDecayMinutes, lfuLogFactor, stringBytesMax, rule, lazyExpire, lazyServerDelete);
    }

    /** Whether Redis would share its objects of small integers: not where each needs an access clock of its own. */
    public boolean sharesIntegers() {
        boolean needsClocks = policy.countsFrequency()
                || policy == EvictionPolicy.ALLKEYS_LRU
                || policy == EvictionPolicy.VOLATILE_LRU;
        return !(memoryLimited && needsClocks);
    }
}
