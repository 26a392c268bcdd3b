package io.granary.node.dispatch;

import io.granary.node.config.ChoiceSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.slots.keyspace.Eviction;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.Keyspace;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Keeps the data, and what clients send and have yet to read, below {@code maxmemory}: evicts keys as the policy says, or refuses what would add to it. */
public final class MemoryGuard {

    private final Keyspace keyspace;
    private final NodeCondition condition;
    private final Eviction eviction;
    private final RandomGenerator random;
    private final LongSetting limit;
    private final ChoiceSetting policy;
    private final LongSetting samples;
    private final LongSetting decayMinutes;
    private volatile long clientBytes;

    public MemoryGuard(Keyspace keyspace, RandomGenerator random, NodeCondition condition, Configuration configuration) {
        this.keyspace = keyspace;
        this.condition = condition;
        this.eviction = new Eviction(keyspace);
        this.random = random;
        limit = configuration.number("maxmemory");
        policy = configuration.choice("maxmemory-policy");
        samples = configuration.number("maxmemory-samples");
        decayMinutes = configuration.number("lfu-decay-time");
        policy.onChange(this::configure);
        samples.onChange(this::configure);
        decayMinutes.onChange(this::configure);
        limit.onChange(() -> condition.memoryLimited(limit.value() > 0));
        condition.memoryLimited(limit.value() > 0);
        configure();
    }

    private synchronized void configure() {
        eviction.configure(policy(), (int) samples.value(), (int) decayMinutes.value());
    }

    /** The policy that is in force. */
    public EvictionPolicy policy() {
        for (EvictionPolicy each : EvictionPolicy.values()) {
            if (each.text().equals(policy.value())) {
                return each;
            }
        }
        throw new IllegalStateException("no eviction policy: " + policy.value());
    }

    /** Notes what clients' requests and replies take, if that matters: it takes its share of the limit, as in Redis. */
    public void clientBytes(LongSupplier bytes) {
        clientBytes = limit.value() == 0 ? 0 : bytes.getAsLong();
    }

    /** Whether there is room, if need be after evicting keys; no lock of a slot is held. */
    boolean roomLeft(long nowMs) {
        if (limit.value() == 0 || condition.paused()) {
            return true;
        }
        long most = limit.value() - clientBytes;
        if (keyspace.usedMemory() <= most) {
            return true;
        }
        synchronized (this) {
            return eviction.makeRoom(most, nowMs, random, (_, _) -> { });
        }
    }
}
