package io.granary.slots.keyspace;

import io.granary.slots.Slot;
import io.granary.slots.SlotSet;
import io.granary.slots.memory.Heap;
import io.granary.slots.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;

/**
 * Everything a node stores: its databases, the stores of their slots, and the locks of the slots.
 *
 * <p>In a cluster there are {@link Slot#COUNT} slots, whose locks are shared by as many stripes as asked for and whose
 * memory comes from a few sub-heaps; a node that stands alone has one slot, one lock and one heap, so that any command
 * is atomic. Locks of several slots are taken in ascending order of their stripes. The numbers of keys and bytes may be
 * read at any time without a lock.
 */
public final class Keyspace implements AutoCloseable {

    private static final int MAX_HEAPS = 16;
    private static final int RECLAIMED_BY_FLUSH = 64;
    private static final int STEPS_OF_A_MOVE = 64;

    private final NativeMemory memory;
    private final KeyHash keyHash;
    private final boolean clustered;
    private final int slotBits;
    private final Database[] databases;
    private final StripeLock[] locks;
    private final Heap[] heaps;
    private final KeyspaceStats stats;
    private final Reclaimer reclaimer = new Reclaimer();
    private final AtomicReference<SnapshotWalk> snapshot = new AtomicReference<>();
    private final List<IntConsumer> onFlush = new CopyOnWriteArrayList<>();
    private final HiddenSlots hidden = new HiddenSlots();

    /** How many snapshots have begun; changed only by the one that runs. */
    private long snapshots;

    /**
     * @param memory belongs to the keyspace from now on
     * @param stripes how many locks a clustered node's slots share, a power of two
     */
    public Keyspace(NativeMemory memory, KeyHash hash, int databases, boolean clustered, int stripes) {
        if (Integer.bitCount(stripes) != 1 || stripes > Slot.COUNT) {
            throw new IllegalArgumentException("not a power of two up to " + Slot.COUNT + ": " + stripes);
        }
        this.memory = memory;
        this.keyHash = hash;
        this.clustered = clustered;
        this.slotBits = clustered ? Integer.numberOfTrailingZeros(Slot.COUNT) : 0;
        this.locks = new StripeLock[clustered ? stripes : 1];
        for (int i = 0; i < locks.length; i++) {
            locks[i] = new StripeLock();
        }
        this.heaps = new Heap[Math.min(MAX_HEAPS, locks.length)];
        for (int i = 0; i < heaps.length; i++) {
            heaps[i] = new Heap(memory);
        }
        this.stats = new KeyspaceStats(locks.length);
        this.databases = emptyDatabases(databases);
    }

    private Database[] emptyDatabases(int count) {
        Database[] made = new Database[count];
        for (int i = 0; i < count; i++) {
            made[i] = new Database(i, slots(), heaps, keyHash, stats, reclaimer);
        }
        return made;
    }

    /** The keyed hash of a key, never 0. */
    public long hash(MemorySegment key, long offset, int length) {
        return keyHash.of(key, offset, length);
    }

    public int databases() {
        return databases.length;
    }

    public boolean clustered() {
        return clustered;
    }

    /** {@link Slot#COUNT} when clustered, else 1. */
    public int slots() {
        return 1 << slotBits;
    }

    /** The store of a slot, made on first use. */
    public SlotStore store(int database, int slot) {
        return databases[database].store(slot);
    }

    /** The store of a slot, or null if it was never used. */
    public SlotStore storeIfPresent(int database, int slot) {
        return databases[database].storeIfPresent(slot);
    }

    Database database(int index) {
        return databases[index];
    }

    // -- locks

    public StripeLock lock(int slot) {
        return locks[slot & locks.length - 1];
    }

    public int stripes() {
        return locks.length;
    }

    public StripeLock stripe(int index) {
        return locks[index];
    }

    /** Takes all locks, in ascending order. */
    public void lockAll() {
        for (StripeLock lock : locks) {
            lock.lock();
        }
    }

    public void unlockAll() {
        for (StripeLock lock : locks) {
            lock.unlock();
        }
    }

    // -- numbers

    /** Bytes allocated for data, exact: records and tables, what is removed but not freed yet among them. */
    public long usedMemory() {
        long sum = 0;
        for (Heap heap : heaps) {
            sum += heap.usedBytes();
        }
        return sum;
    }

    /** The part of {@link #usedMemory} that a database's tables take. */
    public TableFigures tables(int database) {
        return databases[database].tables();
    }

    /** The region that the data is in, for figures of fragmentation. */
    public NativeMemory memory() {
        return memory;
    }

    /** Keys of a database, expired ones that were not removed yet among them; those of hidden slots left out. */
    public long size(int database) {
        Database counted = databases[database];
        return Math.max(0, counted.size() - hidden.sum(counted::size));
    }

    /** Keys of a database that have an expiry; those of hidden slots left out. */
    public long expiring(int database) {
        Database counted = databases[database];
        return Math.max(0, counted.expiring() - hidden.sum(counted::expiring));
    }

    /** Which slots' keys are here and not to be seen. */
    public HiddenSlots hidden() {
        return hidden;
    }

    boolean hides(int slot) {
        return hidden.contains(slot);
    }

    public KeyspaceStats stats() {
        return stats;
    }

    // -- the whole

    /** Exchanges two databases, telling those who watch a key that is in either; all locks are held. */
    public void swap(int first, int second, long nowMs) {
        Database one = databases[first];
        Database other = databases[second];
        if (one != other) {
            one.exchangeWatchers(other, nowMs);
            databases[first] = other;
            databases[second] = one;
            one.index = second;
            other.index = first;
        }
    }

    /** A second set of as many databases, empty, to be filled beside the first. */
    public Shadow shadow() {
        return new Shadow(this, emptyDatabases(databases.length));
    }

    /**
     * Puts the shadow's databases in the place of those that are here, telling those who watch a key that was or is there;
     * all locks are held. The old records are freed by {@link #reclaim}. Nobody fills the shadow any more.
     */
    public void replaceBy(Shadow shadow, long nowMs) {
        Database[] taken = shadow.takeOver(reclaimer);
        for (int i = 0; i < databases.length; i++) {
            Database old = databases[i];
            old.handWatchersTo(taken[i], nowMs);
            databases[i] = taken[i];
            discard(old);
            old.index = -1;
        }
    }

    /** Empties a database that nobody else sees, or while all locks are held, and frees its records later. */
    void discard(Database database) {
        database.discard(reclaimer);
    }

    /**
     * Removes all keys of a database, or of all when -1; takes the locks itself, one after the other. Returns the
     * number of keys removed. Some memory may be freed only by {@link #reclaim}.
     */
    public long flush(int database) {
        long removed = flushUnderLock(database);
        onFlush.forEach(told -> told.accept(database));
        // not while the caller holds locks of its own: others would wait for what can be done later
        if (!locks[0].heldByCurrentThread()) {
            freeSomeFlushed();
        }
        return removed;
    }

    /** Has somebody told when the keys of a database, or of all (-1), were removed, with locks held or without. */
    public void onFlush(IntConsumer told) {
        onFlush.add(told);
    }

    /** Frees some of what was flushed, for whoever has flushed with locks held and has released them. */
    public void freeSomeFlushed() {
        boolean more = true;
        for (int i = 0; i < RECLAIMED_BY_FLUSH && more; i++) {
            more = reclaimer.step();
        }
    }

    /** With one lock for everything, nobody is to see one database empty and the next one full. */
    private long flushUnderLock(int database) {
        if (!clustered) {
            locks[0].lock();
        }
        try {
            long removed = 0;
            for (int i = 0; i < databases.length; i++) {
                if (database < 0 || database == i) {
                    removed += flush(databases[i]);
                }
            }
            return removed;
        } finally {
            if (!clustered) {
                locks[0].unlock();
            }
        }
    }

    private long flush(Database database) {
        long removed = 0;
        for (int slot = 0; (slot = database.nextOccupied(slot, false)) < slots(); slot++) {
            StripeLock lock = lock(slot);
            lock.lock();
            try {
                removed += database.store(slot).clear();
            } finally {
                lock.unlock();
            }
        }
        return removed;
    }

    /**
     * A bounded step of what may be done later: freeing what was flushed, moving large tables on, giving memory back to the
     * system. To be called now and then without any slot's lock; returns whether there is more to do.
     */
    public boolean reclaim() {
        boolean more = freeFlushed();
        SlotStore moving = reclaimer.moving();
        if (moving != null) {
            StripeLock lock = lock(moving.slot());
            lock.lock();
            try {
                for (int i = 0; i < STEPS_OF_A_MOVE && moving.isMoving(); i++) {
                    moving.step();
                }
                more |= moving.isMoving() || !reclaimer.moved(moving);
            } finally {
                lock.unlock();
            }
        }
        return memory.trim() || more;
    }

    /** A bounded step of freeing what was flushed; returns whether there is more. */
    boolean freeFlushed() {
        return reclaimer.step();
    }

    // -- snapshots

    /**
     * A snapshot that has yet to begin.
     *
     * @param slots of which slots, or null for all; the caller changes the set no more
     */
    public SnapshotWalk snapshot(SlotSet slots, SnapshotVisitor visitor) {
        return new SnapshotWalk(this, slots, false, visitor);
    }

    /**
     * A snapshot that has yet to begin, of each slot as it is when the walk comes there ({@link SnapshotVisitor#reached}):
     * for who follows the changes of each slot from then on. What changes before costs its writer nothing.
     *
     * @param slots of which slots; the caller changes the set no more
     */
    public SnapshotWalk snapshotSlotBySlot(SlotSet slots, SnapshotVisitor visitor) {
        return new SnapshotWalk(this, slots, true, visitor);
    }

    /** One snapshot runs at a time; returns its number. */
    long snapshotBegins(SnapshotWalk walk) {
        if (!snapshot.compareAndSet(null, walk)) {
            throw new IllegalStateException("another snapshot is under way");
        }
        return ++snapshots;
    }

    void snapshotEnds(SnapshotWalk walk) {
        snapshot.compareAndSet(walk, null);
    }

    void freeLater(DetachedTable table) {
        reclaimer.add(table);
    }

    // -- walks

    /**
     * Visits at least {@code count} keys of a database if there are, from a cursor on ({@link Scan}); takes the locks
     * itself, and none for long.
     *
     * @param cursor 0 begins
     * @param onlySlot to visit the keys of one slot only, or -1
     * @return the cursor to go on with (not negative), 0 at the end
     */
    public long scan(int database, long cursor, int count, int onlySlot, StoreVisitor visitor) {
        return new Scan(this, database, visitor).from(cursor, count, onlySlot);
    }

    /**
     * Shows a random record, each with the same probability, with its slot's lock held; returns false if the database
     * is empty.
     */
    public boolean random(int database, RandomGenerator random, StoreVisitor visitor) {
        StoreSampler sampler = new StoreSampler(false);
        while (sampler.refresh(this::hides, databases[database])) {
            SlotStore store = sampler.pick(random);
            StripeLock lock = lock(store.slot());
            lock.lock();
            try {
                long record = store.database() == database ? store.random(random) : SlotStore.NONE;
                if (record != SlotStore.NONE) {
                    visitor.visit(store, record);
                    return true;
                }
            } finally {
                lock.unlock();
            }
        }
        return false;
    }

    /** Gives up all data. No thread may use the keyspace any more. */
    @Override
    public void close() {
        memory.close();
    }
}
