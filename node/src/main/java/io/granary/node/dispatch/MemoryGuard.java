package io.granary.node.dispatch;

import io.granary.node.Clock;
import io.granary.node.config.BooleanSetting;
import io.granary.node.config.ChoiceSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.slots.keyspace.Eviction;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.Keyspace;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Keeps the data, and what clients send and have yet to read, below {@code maxmemory}: evicts keys as the policy says, or
 * refuses what would add to it.
 */
public final class MemoryGuard {

    /** How long a command may be kept waiting by evictions; the next one goes on with them, and so does housekeeping. */
    private static final long SLICE_NANOS = 500_000;

    private final Keyspace keyspace;
    private final NodeCondition condition;
    private final Clock clock;
    private final Eviction eviction;
    private final RandomGenerator random;
    private final UnaskedRemovals removals;
    private final LongSetting limit;
    private final ChoiceSetting policy;
    private final LongSetting samples;
    private final LongSetting decayMinutes;
    private final BooleanSetting ignoredByReplicas;
    private volatile LongSupplier clients = () -> 0;
    private volatile long clientBytes;
    private long sampledMs;

    public MemoryGuard(
            Keyspace keyspace, Clock clock, RandomGenerator random, NodeCondition condition, UnitLog log,
            Configuration configuration) {
        this.keyspace = keyspace;
        this.condition = condition;
        this.clock = clock;
        this.eviction = new Eviction(keyspace, this::mayEvict);
        this.random = random;
        removals = new UnaskedRemovals(log, configuration.flag("lazyfree-lazy-eviction"));
        limit = configuration.number("maxmemory");
        policy = configuration.choice("maxmemory-policy");
        samples = configuration.number("maxmemory-samples");
        decayMinutes = configuration.number("lfu-decay-time");
        ignoredByReplicas = configuration.flag("replica-ignore-maxmemory");
        policy.onChange(this::configure);
        samples.onChange(this::configure);
        decayMinutes.onChange(this::configure);
        limit.onChange(() -> condition.memoryLimited(limit.value() > 0));
        condition.memoryLimited(limit.value() > 0);
        configure();
    }

    /** Without the monitor: whoever evicts has it, and waits for locks that a transaction with CONFIG SET may hold. */
    private void configure() {
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

    /** What clients' requests and replies take has its share of the limit, as in Redis; {@code bytes} adds it up. */
    public void countClients(LongSupplier bytes) {
        clients = bytes;
    }

    /** Adds up anew what clients take; called now and then, since that is too much to do for every command. */
    public void sampleClients() {
        clientBytes = limit.value() == 0 ? 0 : clients.getAsLong();
    }

    /** Whether there is room, or is about to be, if need be after evicting keys for a moment; no lock of a slot is held. */
    public boolean roomLeft(long nowMs) {
        if (!exceeded()) {
            return true;
        }
        synchronized (this) {
            if (nowMs != sampledMs) {
                // No key goes for a client that has gone.
                sampledMs = nowMs;
                sampleClients();
            }
            long most = limit.value() - clientBytes;
            long end = clock.nanos() + SLICE_NANOS;
            return eviction.makeRoom(most, nowMs, random, () -> clock.nanos() - end >= 0, removals);
        }
    }

    /** Evicts keys for a moment if the limit is exceeded; returns whether there is more to evict. */
    public boolean evict(long nowMs) {
        return exceeded() && roomLeft(nowMs) && exceeded();
    }

    private boolean exceeded() {
        long most = limit.value();
        return most != 0 && keyspace.usedMemory() > most - clientBytes && mayEvict();
    }

    /** While writes are paused no key goes, and from a replica its primary removes them, where the limit applies. */
    private boolean mayEvict() {
        return !condition.paused() && !(condition.replica() && ignoredByReplicas.value());
    }
}
