package io.granary.node.migration;

import io.granary.node.cluster.LostSlots;
import io.granary.node.dispatch.Propagation;
import io.granary.slots.SlotSet;
import io.granary.slots.command.Effects;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.StripeLock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The slots whose data comes to this node without being its own: hidden, empty before, and empty after a move that failed.
 *
 * <p>Replicas get the data with the history, and are told in it which slots are concerned, so that they hide them, too,
 * and the one that is promoted in the middle removes what nobody will complete. They are told again and again, since
 * one of them may have had its full sync after the first time. Redis and Valkey would take it for a fault of the stream;
 * where one of them follows, nobody is told.
 */
final class ImportedSlots {

    private static final int FORGET_TRIES = 5;
    private static final long FORGET_RETRY_MS = 200;

    private final MigrationServices services;
    private final HandOverSteps steps;
    private final Keyspace keyspace;
    private final Propagation propagation;
    private final LostSlots lostSlots;
    private final Effects effects = new Effects();
    /** What this node, a replica, was told of by its primary. */
    private final Map<String, SlotSet> ofPrimary = new ConcurrentHashMap<>();
    /** The jobs that replicas were told of. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    ImportedSlots(MigrationServices services, HandOverSteps steps) {
        this.services = services;
        this.steps = steps;
        keyspace = services.keyspace();
        propagation = services.propagation();
        lostSlots = services.lostSlots();
    }

    // ---- on the target

    /** Makes slots ready for what comes. */
    void begin(MigrationJob.Plan plan) {
        keyspace.hidden().add(plan.slots());
        announce(plan);
        lostSlots.dropNow(SlotRanges.numbers(plan.slots()));
    }

    /** Tells replicas of a move that is under way. */
    void announce(MigrationJob.Plan plan) {
        if (!services.replicas().hideImports()) {
            return;
        }
        told.add(plan.name());
        List<String> ranges = SlotRanges.words(plan.slots());
        tell(() -> {
            effects.request(Effects.NO_DATABASE, 6 + ranges.size()).arg("CLUSTER").arg("SYNCSLOTS").arg("IMPORT")
                    .arg("NAME").arg(plan.name()).arg("SLOTSRANGE");
            ranges.forEach(effects::arg);
        });
    }

    /** The slots are this node's now. */
    void keep(MigrationJob.Plan plan) {
        keyspace.hidden().remove(plan.slots());
        announceEnd(plan.name());
    }

    private void announceEnd(String job) {
        if (told.remove(job)) {
            tellEnd(job);
        }
    }

    private void tellEnd(String job) {
        tell(() -> effects.request(Effects.NO_DATABASE, 5)
                .arg("CLUSTER").arg("SYNCSLOTS").arg("IMPORTED").arg("NAME").arg(job));
    }

    /** A lock is held, so that it is certain that this node leads. */
    private synchronized void tell(Runnable request) {
        StripeLock lock = keyspace.stripe(0);
        lock.lock();
        try {
            if (!propagation.active() || services.condition().replica()) {
                return;
            }
            request.run();
            propagation.append(effects);
            effects.clear();
        } finally {
            lock.unlock();
        }
        propagation.wake();
    }

    /** Removes what has come; on a replica that is its primary's to do. */
    void remove(MigrationJob.Plan plan) {
        if (!services.condition().replica()) {
            lostSlots.dropNow(SlotRanges.numbers(plan.slots()));
            announceEnd(plan.name());
        }
        keyspace.hidden().remove(plan.slots());
        forget(plan.name());
    }

    /** Has the machine forget what came of a move; it may be busy for a moment. */
    void forget(String job) {
        for (int i = 1; ; i++) {
            try {
                steps.forget(job);
                return;
            } catch (HandOverSteps.Refused refused) {
                if (i == FORGET_TRIES) {
                    services.log().warning("What came of slot migration " + job + " is not forgotten: "
                            + refused.getMessage());
                    return;
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(FORGET_RETRY_MS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    // ---- on a replica of the target

    /** The primary imports slots. On an event loop. */
    void track(String job, SlotSet slots) {
        ofPrimary.put(job, slots);
        keyspace.hidden().add(slots);
    }

    /** The primary does so no more. On an event loop. */
    void untrack(String job) {
        SlotSet slots = ofPrimary.remove(job);
        if (slots != null) {
            keyspace.hidden().remove(slots);
        }
    }

    /** Whether there is something that a former primary has not completed. */
    boolean hasLeftovers() {
        return !ofPrimary.isEmpty();
    }

    /** This node leads now: what its primary had not completed nobody will, unless the slots came with the promotion. */
    void removeLeftovers() {
        ofPrimary.forEach((job, slots) -> {
            services.log().notice("Removing what came of slot migration " + job
                    + ", which the former primary has not completed");
            lostSlots.dropNow(SlotRanges.numbers(slots));
            tellEnd(job);
            untrack(job);
        });
    }
}
