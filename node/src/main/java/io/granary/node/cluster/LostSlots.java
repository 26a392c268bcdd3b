package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.node.log.NodeLog;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.util.function.Supplier;

/**
 * Deletes the keys of slots that another node has won. It works beside everything else, so each slot is looked at again
 * under its lock: one that has come back in the meantime, or is on its way back, keeps its keys.
 */
final class LostSlots {

    private final Keyspace keyspace;
    private final Supplier<ClusterView> view;
    private final NodeLog log;

    LostSlots(Keyspace keyspace, Supplier<ClusterView> view, NodeLog log) {
        this.keyspace = keyspace;
        this.view = view;
        this.log = log;
    }

    /** Begins to delete the keys of the slots, and returns at once. */
    void drop(int[] slots) {
        Thread.ofPlatform().daemon().name("lost-slots").start(() -> dropNow(slots));
    }

    /** Deletes the keys of the slots. */
    void dropNow(int[] slots) {
        long deleted = 0;
        for (int slot : slots) {
            StripeLock lock = keyspace.lock(slot);
            lock.lock();
            try {
                SlotStore store = keyspace.storeIfPresent(0, slot);
                ClusterView now = view.get();
                if (store != null && !now.isMine(slot) && now.importingFrom(slot) == null) {
                    deleted += store.clear();
                }
            } finally {
                lock.unlock();
            }
        }
        if (deleted > 0) {
            log.notice("Deleted " + deleted + " keys of " + slots.length + " slots that another node owns now");
        }
    }
}
