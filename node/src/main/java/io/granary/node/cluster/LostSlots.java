package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.node.config.BooleanSetting;
import io.granary.node.dispatch.UnaskedRemovals;
import io.granary.node.dispatch.UnitLog;
import io.granary.node.log.NodeLog;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Deletes the keys of slots that another node has won. It works beside everything else, so each slot is looked at again
 * under its lock: one that has come back in the meantime, or is on its way back, keeps its keys.
 */
public final class LostSlots implements AutoCloseable {

    private static final int TOLD_UNDER_ONE_LOCK = 64;

    private final Keyspace keyspace;
    private final Supplier<ClusterView> view;
    private final UnitLog units;
    private final UnaskedRemovals removals;
    private final NodeLog log;
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("lost-slots").factory());
    private volatile boolean closed;

    /**
     * @param units where replicas read that the keys are gone
     * @param lazily whether they read it as UNLINK
     */
    LostSlots(Keyspace keyspace, Supplier<ClusterView> view, UnitLog units, BooleanSetting lazily, NodeLog log) {
        this.keyspace = keyspace;
        this.view = view;
        this.units = units;
        this.removals = new UnaskedRemovals(units, lazily);
        this.log = log;
    }

    /** Begins to delete the keys of the slots, and returns at once. */
    void drop(int[] slots) {
        worker.execute(() -> dropNow(slots));
    }

    /** Stops in the middle if need be, and returns when no thread of this one's touches the data any more. */
    @Override
    public void close() {
        closed = true;
        worker.close();
    }

    /** Deletes the keys of the slots. */
    public void dropNow(int[] slots) {
        long deleted = 0;
        for (int slot : slots) {
            long step;
            do {
                step = closed ? 0 : dropSome(slot);
                deleted += step;
            } while (step > 0);
        }
        if (deleted > 0) {
            log.notice("Deleted " + deleted + " keys of " + slots.length + " slots that another node owns now");
        }
    }

    /** Deletes keys of a slot, a part of them where every single one has to be told; returns how many. */
    private long dropSome(int slot) {
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            SlotStore store = keyspace.storeIfPresent(0, slot);
            ClusterView now = view.get();
            if (store == null || now.isMine(slot) || now.importingFrom(slot) != null) {
                return 0;
            }
            return units.active() ? dropAndTell(store) : store.clear();
        } finally {
            lock.unlock();
        }
    }

    private int dropAndTell(SlotStore store) {
        List<Long> records = new ArrayList<>();
        long cursor = 0;
        do {
            cursor = store.scan(cursor, TOLD_UNDER_ONE_LOCK, records::add);
        } while (cursor != 0 && records.isEmpty());
        for (long record : records) {
            removals.visit(store, record);
            store.remove(record, keyspace.hash(store.memory(), store.keyOffset(record), store.keyLength(record)));
        }
        return records.size();
    }
}
