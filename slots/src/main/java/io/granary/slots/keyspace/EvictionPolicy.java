package io.granary.slots.keyspace;

/** Which keys go first when memory runs out: {@code maxmemory-policy}. */
public enum EvictionPolicy {
    NOEVICTION("noeviction", false),
    ALLKEYS_LRU("allkeys-lru", false),
    ALLKEYS_LFU("allkeys-lfu", false),
    ALLKEYS_RANDOM("allkeys-random", false),
    VOLATILE_LRU("volatile-lru", true),
    VOLATILE_LFU("volatile-lfu", true),
    VOLATILE_RANDOM("volatile-random", true),
    VOLATILE_TTL("volatile-ttl", true);

    private final String text;
    private final boolean onlyVolatile;

    EvictionPolicy(String text, boolean onlyVolatile) {
        this.text = text;
        this.onlyVolatile = onlyVolatile;
    }

    /** As in redis.conf. */
    public String text() {
        return text;
    }

    /** Whether only keys with an expiry may go. */
    public boolean onlyVolatile() {
        return onlyVolatile;
    }

    /** Whether the time of the last access counts (LRU). */
    public boolean countsRecency() {
        return this == ALLKEYS_LRU || this == VOLATILE_LRU;
    }

    /** Whether the access clock counts frequency (LFU) rather than time. */
    public boolean countsFrequency() {
        return this == ALLKEYS_LFU || this == VOLATILE_LFU;
    }
}
