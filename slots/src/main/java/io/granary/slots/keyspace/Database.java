package io.granary.slots.keyspace;

import io.granary.slots.memory.Heap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** One database: the stores of its slots, made on first use, and the numbers of their keys. */
final class Database {

    private static final VarHandle STORES = MethodHandles.arrayElementVarHandle(SlotStore[].class);

    final KeyspaceStats stats;
    private final Heap[] heaps;
    private final KeyHash keyHash;
    private final SlotStore[] stores;

    /** Of each slot the number of keys and of those with an expiry; written with the slot's lock held, read by anyone. */
    private final long[] counts;

    /** Its part in the snapshot that runs, or null; changed with all locks held, read with any. */
    SnapshotPart snapshot;

    /** Who frees and moves for it later; changed with all locks held. */
    Reclaimer reclaimer;

    /** Its number; changed by SWAPDB. Of one that another has replaced, -1. */
    volatile int index;

    Database(int index, int slots, Heap[] heaps, KeyHash keyHash, KeyspaceStats stats, Reclaimer reclaimer) {
        this.index = index;
        this.heaps = heaps;
        this.keyHash = keyHash;
        this.stats = stats;
        this.reclaimer = reclaimer;
        this.stores = new SlotStore[slots];
        this.counts = new long[slots * 2];
    }

    int slots() {
        return stores.length;
    }

    /** The store of a slot, or null if it was never used. */
    SlotStore storeIfPresent(int slot) {
        return (SlotStore) STORES.getAcquire(stores, slot);
    }

    SlotStore store(int slot) {
        SlotStore store = storeIfPresent(slot);
        return store != null ? store : make(slot);
    }

    private SlotStore make(int slot) {
        SlotStore made = new SlotStore(this, slot, heaps[slot & heaps.length - 1], keyHash);
        SlotStore other = (SlotStore) STORES.compareAndExchange(stores, slot, null, made);
        return other == null ? made : other;
    }

    long size(int slot) {
        return counts[slot << 1];
    }

    void addToSize(int slot, int delta) {
        counts[slot << 1] += delta;
    }

    long expiring(int slot) {
        return counts[(slot << 1) + 1];
    }

    void addToExpiring(int slot, int delta) {
        counts[(slot << 1) + 1] += delta;
    }

    void clearCounts(int slot) {
        counts[slot << 1] = 0;
        counts[(slot << 1) + 1] = 0;
    }

    long size() {
        long sum = 0;
        for (int i = 0; i < counts.length; i += 2) {
            sum += counts[i];
        }
        return sum;
    }

    long expiring() {
        long sum = 0;
        for (int i = 1; i < counts.length; i += 2) {
            sum += counts[i];
        }
        return sum;
    }

    /** What its tables take of the memory in use. */
    TableFigures tables() {
        long bytes = 0;
        long movingBytes = 0;
        int moving = 0;
        for (int slot = 0; slot < slots(); slot++) {
            SlotStore store = storeIfPresent(slot);
            if (store != null) {
                bytes += store.tableBytes();
                long old = store.movingBytes();
                movingBytes += old;
                moving += old > 0 ? 1 : 0;
            }
        }
        return new TableFigures(bytes, movingBytes, moving);
    }

    /**
     * The first slot from {@code from} on that holds a key (or, if asked, one with an expiry); {@link #slots} if none
     * does.
     */
    int nextOccupied(int from, boolean onlyExpiring) {
        int slot = from;
        for (int i = (from << 1) + (onlyExpiring ? 1 : 0); slot < stores.length && counts[i] == 0; i += 2) {
            slot++;
        }
        return slot;
    }

    // -- all of it; all locks are held, or nobody else sees it

    /** Empties it, and has its records freed later. */
    void discard(Reclaimer freeing) {
        for (int slot = 0; slot < slots(); slot++) {
            SlotStore store = storeIfPresent(slot);
            if (store != null) {
                store.discard(freeing);
            }
        }
    }

    /**
     * The other takes this one's place and number, and this one the other's: tells those who watch a key that is in either.
     * Who watches a key watches it in a database of that number, so the watchers stay when the keys go.
     */
    void exchangeWatchers(Database other, long nowMs) {
        for (int slot = 0; slot < slots(); slot++) {
            WatchedKeys mine = watched(slot);
            WatchedKeys others = other.watched(slot);
            if (mine != null || others != null) {
                SlotStore store = store(slot);
                SlotStore otherStore = other.store(slot);
                passTo(otherStore, mine, store, nowMs);
                passTo(store, others, otherStore, nowMs);
            }
        }
    }

    /** Another takes this one's place, as in {@link #exchangeWatchers}. */
    void handWatchersTo(Database next, long nowMs) {
        for (int slot = 0; slot < slots(); slot++) {
            WatchedKeys mine = watched(slot);
            if (mine != null) {
                passTo(next.store(slot), mine, store(slot), nowMs);
                store(slot).watched(null);
            }
        }
    }

    private static void passTo(SlotStore after, WatchedKeys watched, SlotStore before, long nowMs) {
        if (watched != null) {
            watched.touchedAll(key -> KeyState.of(before, key, nowMs), key -> KeyState.of(after, key, nowMs));
        }
        after.watched(watched);
    }

    private WatchedKeys watched(int slot) {
        SlotStore store = storeIfPresent(slot);
        return store == null ? null : store.watched();
    }
}
