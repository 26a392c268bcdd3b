package io.granary.node.snapshot;

import io.granary.node.Clock;
import io.granary.node.config.BooleanSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.fault.Faults;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.Keyspace;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What the snapshots of a node are made of, and the directives that say how. */
public final class SnapshotServices {

    private final Keyspace keyspace;
    private final Supplier<ByteBufAllocator> allocator;
    private final Clock clock;
    private final Faults faults;
    private final BooleanSetting packs;
    private final BooleanSetting sums;
    private final Supplier<EvictionPolicy> policy;
    private final LongSetting decayMinutes;
    private final LongSetting saveDelay;
    private final LongSetting loadDelay;
    private final LongSupplier served;

    /**
     * @param allocator asked for when a snapshot begins
     * @param policy what keys are evicted by
     * @param served how many commands the node has run
     */
    public SnapshotServices(
            Keyspace keyspace, Supplier<ByteBufAllocator> allocator, Supplier<EvictionPolicy> policy, Clock clock,
            Faults faults, LongSupplier served, Configuration configuration) {
        this.keyspace = keyspace;
        this.allocator = allocator;
        this.policy = policy;
        this.clock = clock;
        this.faults = faults;
        this.served = served;
        packs = configuration.flag("rdbcompression");
        sums = configuration.flag("rdbchecksum");
        decayMinutes = configuration.number("lfu-decay-time");
        saveDelay = configuration.number("rdb-key-save-delay");
        loadDelay = configuration.number("key-load-delay");
    }

    Keyspace keyspace() {
        return keyspace;
    }

    ByteBufAllocator allocator() {
        return allocator.get();
    }

    Clock clock() {
        return clock;
    }

    Faults faults() {
        return faults;
    }

    /** Whether long strings are packed. */
    boolean packs() {
        return packs.value();
    }

    /** Whether an RDB ends with its checksum, and has to have the right one. */
    boolean sums() {
        return sums.value();
    }

    EvictionPolicy policy() {
        return policy.get();
    }

    int decayMinutes() {
        return decayMinutes.intValue();
    }

    /** Begins now. */
    Pace pace(Pace.Purpose purpose) {
        return new Pace(clock, served, LockSupport::parkNanos, purpose);
    }

    KeyDelay saveDelay() {
        return new KeyDelay(saveDelay);
    }

    KeyDelay loadDelay() {
        return new KeyDelay(loadDelay);
    }
}
