package io.granary.node;

import io.granary.node.client.ClientRegistry;
import io.granary.node.client.EventLoops;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.dispatch.MemoryGuard;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.OwnExpiries;
import io.granary.node.dispatch.UnaskedRemovals;
import io.granary.node.dispatch.UnitLog;
import io.granary.node.fault.Faults;
import io.granary.node.metrics.Rates;
import io.granary.node.snapshot.Saves;
import io.granary.slots.keyspace.ActiveExpiry;
import io.granary.slots.keyspace.Keyspace;
import java.util.concurrent.TimeUnit;

/**
 * What a node does without being asked, ten times a second on one of its event loops: removes expired keys, makes room,
 * gives memory back, ends pauses, closes idle clients, begins saves that are due, samples rates. Each turn is short, so that
 * the clients of that loop do not wait.
 */
final class Housekeeping {

    private static final long PERIOD_MS = 100;
    private static final long TURNS_PER_SECOND = 1000 / PERIOD_MS;

    /** The longest stretch of expiring or freeing at once; another follows after {@link #PAUSE_MS} if there is more. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PAUSE_MS = 4;

    private final Clock clock;
    private final Keyspace keyspace;
    private final ActiveExpiry expiry;
    private final NodeCondition condition;
    private final MemoryGuard memoryGuard;
    private final ClientRegistry registry;
    private final Saves saves;
    private final Rates rates;
    private final EventLoops loops;
    private final LongSetting idleSeconds;
    private final UnaskedRemovals removals;
    private final OwnExpiries ownExpiries;
    private final Faults faults;
    private long turns;
    /** Whether a turn found more to expire or to free than it had time for, and what goes on with that is on its way. */
    private boolean goesOn;

    Housekeeping(
            Clock clock, Keyspace keyspace, ActiveExpiry expiry, NodeCondition condition, UnitLog units,
            MemoryGuard memoryGuard, ClientRegistry registry, Saves saves, Rates rates, EventLoops loops,
            OwnExpiries ownExpiries, Configuration configuration, Faults faults) {
        this.clock = clock;
        this.keyspace = keyspace;
        this.expiry = expiry;
        this.condition = condition;
        this.memoryGuard = memoryGuard;
        this.registry = registry;
        this.saves = saves;
        this.rates = rates;
        this.loops = loops;
        this.ownExpiries = ownExpiries;
        idleSeconds = configuration.number("timeout");
        removals = new UnaskedRemovals(units, configuration.flag("lazyfree-lazy-expire"));
        this.faults = faults;
    }

    void start() {
        loops.every(PERIOD_MS, () -> guarded(this::turn));
    }

    /** A turn that fails must not be the last one: without them nothing expires, and pauses never end. */
    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error fault) {
            faults.report("housekeeping", fault);
        }
    }

    private void turn() {
        long nowMs = clock.unixMs();
        condition.tick(nowMs);
        rates.sample(TimeUnit.NANOSECONDS.toMillis(clock.nanos()), keyspace.usedMemory());
        memoryGuard.sampleClients();
        if (!condition.loading() && !condition.emptied()) {
            saves.tick();
        }
        if (!goesOn) {
            expireAndReclaim();
        }
        if (++turns % TURNS_PER_SECOND == 0) {
            registry.closeSlow();
            if (idleSeconds.value() > 0) {
                registry.closeIdle(nowMs - idleSeconds.value() * 1000);
            }
        }
    }

    private void expireAndReclaim() {
        goesOn = false;
        try {
            removeAndReclaim();
        } catch (RuntimeException | Error fault) {
            faults.fatal("expiry or eviction", fault);
        }
    }

    private void removeAndReclaim() {
        long end = clock.nanos() + SLICE_NANOS;
        boolean more = keyspace.reclaim();
        more |= memoryGuard.evict(clock.unixMs());
        if (condition.expiresActively() && condition.removesExpired()) {
            expiry.step(clock.unixMs(), () -> clock.nanos() - end >= 0, removals);
            more |= clock.nanos() - end >= 0;
        } else if (condition.expiresActively() && condition.replica()) {
            ownExpiries.step(clock.unixMs(), () -> clock.nanos() - end >= 0);
        }
        if (more) {
            goesOn = true;
            loops.after(PAUSE_MS, () -> guarded(this::expireAndReclaim));
        }
    }
}
