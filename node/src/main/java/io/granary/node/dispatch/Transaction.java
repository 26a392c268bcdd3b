package io.granary.node.dispatch;

import io.granary.node.client.ClientState;
import io.granary.slots.keyspace.KeyState;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import io.granary.slots.keyspace.Watcher;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The transaction of one client: the commands queued since MULTI and the keys watched since WATCH. Belongs to the client's
 * event loop; only {@link WatchedKey#touched} is called by others, with the lock of the slot that changed.
 */
public final class Transaction {

    private final ClientState session;
    private final CommandQueue queue = new CommandQueue();
    private final Map<Name, WatchedKey> watched = new LinkedHashMap<>();
    private boolean open;
    private boolean broken;
    private boolean running;
    private volatile boolean spoiled;

    public Transaction(ClientState session) {
        this.session = session;
    }

    /** A name in a database. */
    private record Name(int database, ByteBuffer key) {}

    /**
     * A key that is watched, and where it lives. One that had expired before, though nobody had removed it yet, is absent
     * for the client: its removal is no change, nor is another expired key in its place (SWAPDB).
     */
    final class WatchedKey implements Watcher {

        private final int database;
        private final int slot;
        private final byte[] key;
        private boolean expired;

        WatchedKey(int database, int slot, byte[] key) {
            this.database = database;
            this.slot = slot;
            this.key = key;
        }

        int slot() {
            return slot;
        }

        @Override
        public void touched(KeyState before, KeyState after) {
            if (after != KeyState.LIVE && (expired || before == KeyState.ABSENT)) {
                expired = after == KeyState.EXPIRED;
            } else {
                spoiled = true;
            }
        }
    }

    /** Between MULTI and EXEC or DISCARD. */
    public boolean open() {
        return open;
    }

    void begin() {
        open = true;
    }

    /** Whether a command could not be queued, so that EXEC has to refuse. */
    boolean broken() {
        return broken;
    }

    /** Notes that a command could not be queued. */
    void breakOff() {
        if (open) {
            broken = true;
        }
    }

    /** Whether EXEC is running the queue now. */
    public boolean running() {
        return running;
    }

    void running(boolean now) {
        running = now;
    }

    CommandQueue queue() {
        return queue;
    }

    /** Memory held by queued commands, in bytes. */
    public long bytes() {
        return queue.bytes();
    }

    /** Ends the transaction and frees what was queued; watched keys stay watched. */
    void discard() {
        queue.clear();
        open = false;
        broken = false;
    }

    /** Ends the transaction, as EXEC and DISCARD do: nothing is queued and nothing watched any more. */
    void end(DispatchServices services) {
        discard();
        unwatch(services.keyspace(), services.watchBudget());
        session.profile().queued(-1);
        session.profile().watched(0);
        session.refresh();
    }

    // ---- watched keys ----

    Collection<WatchedKey> watched() {
        return watched.values();
    }

    public int watchedCount() {
        return watched.size();
    }

    /** Watches a key; the lock of its slot is held. */
    void watch(SlotStore store, byte[] key, long nowMs, WatchBudget budget) {
        Name name = new Name(store.database(), ByteBuffer.wrap(key));
        if (watched.containsKey(name)) {
            return;
        }
        budget.take(key);
        WatchedKey added = new WatchedKey(store.database(), store.slot(), key);
        added.expired = KeyState.of(store, key, nowMs) == KeyState.EXPIRED;
        store.watch(key, added);
        watched.put(name, added);
    }

    /** Whether a watched key has expired since, though nobody has removed it yet; the locks of all of them are held. */
    boolean watchedKeyExpired(Keyspace keyspace, long nowMs) {
        for (WatchedKey each : watched.values()) {
            SlotStore store = keyspace.store(each.database, each.slot);
            if (!each.expired && KeyState.of(store, each.key, nowMs) == KeyState.EXPIRED) {
                return true;
            }
        }
        return false;
    }

    /** Forgets all watched keys, and that any was touched; takes their locks. */
    void unwatch(Keyspace keyspace, WatchBudget budget) {
        for (WatchedKey each : watched.values()) {
            StripeLock lock = keyspace.lock(each.slot);
            lock.lock();
            try {
                keyspace.store(each.database, each.slot).unwatch(each.key, each);
            } finally {
                lock.unlock();
            }
            budget.giveBack(each.key);
        }
        watched.clear();
        spoiled = false;
    }

    /** Whether a watched key was touched. */
    public boolean spoiled() {
        return spoiled;
    }
}
