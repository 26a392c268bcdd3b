package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.node.log.NodeLog;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Deletes the keys of slots that another node has won. It works beside everything else, so each slot is looked at again
 * under its lock: one that has come back in the meantime, or is on its way back, keeps its keys.
 */
final class LostSlots implements AutoCloseable {

    private final Keyspace keyspace;
    private final Supplier<ClusterView> view;
    private final NodeLog log;
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("lost-slots").factory());
    private volatile boolean closed;

    LostSlots(Keyspace keyspace, Supplier<ClusterView> view, NodeLog log) {
        this.keyspace = keyspace;
        this.view = view;
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
    void dropNow(int[] slots) {
        long deleted = 0;
        for (int slot : slots) {
            if (closed) {
                return;
            }
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
