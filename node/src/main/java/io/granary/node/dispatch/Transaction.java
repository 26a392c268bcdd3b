package io.granary.node.dispatch;

import io.granary.node.client.ClientSession;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import io.granary.slots.keyspace.Watcher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The transaction of one client: the commands queued since MULTI and the keys watched since WATCH. Belongs to the client's
 * event loop; only {@link #touched} is called by others, with the lock of the slot that changed.
 */
public final class Transaction implements Watcher {

    private final ClientSession session;
    private final List<QueuedCall> queue = new ArrayList<>();
    private final List<WatchedKey> watched = new ArrayList<>();
    private boolean open;
    private boolean broken;
    private boolean running;
    private long bytes;
    private volatile boolean spoiled;

    public Transaction(ClientSession session) {
        this.session = session;
    }

    /** A key watched, where it lives, and whether it had expired already (then its removal changes nothing). */
    record WatchedKey(int database, int slot, byte[] key, boolean expiredBefore) {}

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

    List<QueuedCall> queue() {
        return queue;
    }

    void add(QueuedCall call) {
        queue.add(call);
        bytes += call.bytes();
    }

    /** Memory held by queued commands, in bytes. */
    public long bytes() {
        return bytes;
    }

    /** The flags of all queued commands together. */
    long queuedFlags() {
        long flags = 0;
        for (QueuedCall call : queue) {
            flags |= call.command().flagBits();
        }
        return flags;
    }

    /** Ends the transaction and frees what was queued; watched keys stay watched. */
    public void discard() {
        queue.forEach(QueuedCall::release);
        queue.clear();
        bytes = 0;
        open = false;
        broken = false;
    }

    /** Ends the transaction, as EXEC and DISCARD do: nothing is queued and nothing watched any more. */
    public void end(Keyspace keyspace) {
        discard();
        unwatch(keyspace);
        session.profile().queued(-1);
        session.profile().watched(0);
    }

    // ---- watched keys ----

    List<WatchedKey> watched() {
        return watched;
    }

    public int watchedCount() {
        return watched.size();
    }

    /** Watches a key; the lock of its slot is held. */
    void watch(Keyspace keyspace, SlotStore store, byte[] key, long nowMs) {
        for (WatchedKey each : watched) {
            if (each.database() == store.database() && Arrays.equals(each.key(), key)) {
                return;
            }
        }
        store.watch(key, this);
        watched.add(new WatchedKey(store.database(), store.slot(), key, expired(keyspace, store, key, nowMs)));
    }

    private static boolean expired(Keyspace keyspace, SlotStore store, byte[] key, long nowMs) {
        MemorySegment bytes = Arena.ofAuto().allocate(Math.max(1, key.length));
        MemorySegment.copy(key, 0, bytes, ValueLayout.JAVA_BYTE, 0, key.length);
        long record = store.find(bytes, 0, key.length, keyspace.hash(bytes, 0, key.length));
        if (record == SlotStore.NONE) {
            return false;
        }
        long expiry = store.expiry(record);
        return expiry >= 0 && expiry < nowMs;
    }

    /** Whether a watched key has expired since, though nobody has removed it yet; the locks of all of them are held. */
    boolean watchedKeyExpired(Keyspace keyspace, long nowMs) {
        for (WatchedKey each : watched) {
            if (!each.expiredBefore() && expired(keyspace, keyspace.store(each.database(), each.slot()), each.key(), nowMs)) {
                return true;
            }
        }
        return false;
    }

    /** Forgets all watched keys, and that any was touched; takes their locks. */
    public void unwatch(Keyspace keyspace) {
        for (WatchedKey each : watched) {
            StripeLock lock = keyspace.lock(each.slot());
            lock.lock();
            try {
                keyspace.store(each.database(), each.slot()).unwatch(each.key(), this);
            } finally {
                lock.unlock();
            }
        }
        watched.clear();
        spoiled = false;
    }

    /** Whether a watched key was touched. */
    public boolean spoiled() {
        return spoiled;
    }

    @Override
    public void touched() {
        spoiled = true;
    }
}
