package io.granary.slots.keyspace;

import io.granary.slots.SlotSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A snapshot of all databases, or of some slots: every record as it was at one moment, shown to a visitor bit by bit
 * while writing goes on.
 *
 * <p><b>The cut.</b> With all stripes locked, each database gets to know the snapshot; no store or record is looked at. A
 * store changes its mark before the first change of any record that follows. From then on a record's mark tells all:
 * one that differs from the store's belongs to the snapshot and was not shown yet. Records made later get the store's
 * mark, and so do those that were shown.
 *
 * <p><b>Slot by slot.</b> Who needs no common moment of all slots, like a move, has each slot's cut taken when the walk
 * comes there, under its lock. Until then its stores do not know of the snapshot, and their writers show nothing.
 *
 * <p><b>Who shows a record.</b> The walk, which goes through store after store in the order of positions, in short steps
 * under the slot's lock; or before it the writer that is about to change, remove, expire, evict or move the record.
 * Whoever comes first marks it, so nothing is shown twice. Nothing is left out either: a record keeps its position, the
 * walk looks at whatever lies in an interval of positions as a scan does, and what leaves the table in between is shown
 * by who removes it.
 *
 * <p>Only the access clock of a record is as it is when shown, not as it was at the cut: reads change it.
 *
 * <p><b>What is flushed</b> leaves its store as a whole, together with its table, and is walked there before it is freed.
 *
 * <p><b>Marks</b> come in a circle of {@link RecordLayout#MARKS}. After a walk to the end all records of a store have one;
 * a snapshot that was given up leaves several behind. Only after that has happened so often in a row that the next mark
 * may still be on an old record, the next snapshot evens out the marks of such stores first.
 *
 * <p>Only one snapshot runs at a time. One thread begins it, steps on and gives it up, holding no slot's lock (or, to
 * begin, all of them).
 */
public final class SnapshotWalk {

    private static final int RECORDS_UNDER_ONE_LOCK = 100;
    private static final int BUCKETS_UNDER_ONE_LOCK = 100;
    private static final long BYTES_UNDER_ONE_LOCK = 256 << 10;

    /** As many as a step gets through, so that it finds them in the cache and holds the lock for a few microseconds. */
    private static final int BUCKETS_AHEAD = 14;

    /** What looking at a bucket or a record costs beyond its key and value, counted in bytes. */
    private static final int LOOK_BYTES = 32;

    private final Keyspace keyspace;
    private final SlotSet slots;
    /** The slots whose cut was taken; null where it is one for all. The walk alone adds one, with its lock held. */
    private final SlotSet reached;

    private final SnapshotVisitor visitor;
    private final Queue<Flushed> flushed = new ConcurrentLinkedQueue<>();
    private SnapshotPart[] parts;
    private volatile boolean ended;

    // Where the walk is.
    private int database;
    private int slot;
    private long position;
    private long flushedBucket;

    /** The sum of what was only read to have it in the cache: kept, so that the reads are not left out. */
    private long touched;

    // What was done under the lock that is held.
    private int records;
    private long bytes;
    private boolean full;

    SnapshotWalk(Keyspace keyspace, SlotSet slots, boolean slotBySlot, SnapshotVisitor visitor) {
        this.keyspace = keyspace;
        this.slots = slots;
        this.reached = slotBySlot ? new SlotSet() : null;
        this.visitor = visitor;
    }

    /** What left a store while the walk had not come to its end. */
    private record Flushed(SnapshotPart part, SlotStore store, DetachedTable table) {}

    // -- beginning and end

    /**
     * Takes the cut, or gets ready for those of the slots.
     *
     * @param atTheCut run at that very moment, with all locks held
     * @throws IllegalStateException if another snapshot is under way
     */
    public void begin(Runnable atTheCut) {
        long number = keyspace.snapshotBegins(this);
        boolean begun = false;
        try {
            evenOut();
            keyspace.lockAll();
            try {
                atTheCut.run();
                parts = new SnapshotPart[keyspace.databases()];
                for (int i = 0; i < parts.length; i++) {
                    parts[i] = new SnapshotPart(this, number, keyspace.database(i), i);
                    parts[i].database().snapshot = parts[i];
                }
                begun = true;
            } finally {
                keyspace.unlockAll();
            }
        } finally {
            if (!begun) {
                keyspace.snapshotEnds(this);
            }
        }
    }

    /** Gives the snapshot up: nothing is shown any more once this has returned. */
    public void abort() {
        if (parts != null && !ended) {
            end();
            for (Flushed left = flushed.poll(); left != null; left = flushed.poll()) {
                keyspace.freeLater(left.table);
            }
        }
    }

    private void end() {
        ended = true;
        keyspace.lockAll();
        for (SnapshotPart part : parts) {
            part.database().snapshot = null;
        }
        keyspace.unlockAll();
        keyspace.snapshotEnds(this);
    }

    // -- what stores ask and tell, with the slot's lock held

    boolean covers(int slot) {
        return slots == null || slots.contains(slot);
    }

    /** Whether the cut of a slot was taken. */
    boolean hasReached(int slot) {
        return reached == null || reached.contains(slot);
    }

    void show(SnapshotPart part, SlotStore store, long record) {
        visitor.visit(part.number(), store, record);
    }

    void flushed(SnapshotPart part, SlotStore store, DetachedTable table) {
        flushed.add(new Flushed(part, store, table));
    }

    // -- the walk

    /**
     * Shows about {@code budget} bytes of records, or fewer when the visitor is not ready for more; no lock is held for
     * longer than about 100 records or 256 KB take, or one record that is larger.
     *
     * @return false when the snapshot is complete, or was given up
     */
    public boolean step(long budget) {
        long left = budget;
        while (!ended && left > 0 && visitor.ready()) {
            Flushed first = flushed.peek();
            records = 0;
            bytes = 0;
            full = false;
            if (first != null) {
                underLock(first.store.slot(), () -> walk(first));
            } else if (!walkNextStore() && flushed.isEmpty()) {
                end();
            }
            left -= bytes;
        }
        return !ended;
    }

    private void underLock(int slot, Runnable work) {
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    /** Walks on in the store where the walk is, or in the next one; returns false behind the last. */
    private boolean walkNextStore() {
        for (; database < parts.length; database++, slot = 0) {
            for (; slot < keyspace.slots(); slot++, position = 0) {
                if (!covers(slot)) {
                    continue;
                }
                reach();
                SlotStore store = parts[database].database().storeIfPresent(slot);
                if (store != null) {
                    touched += store.touchFrom(position, BUCKETS_AHEAD);
                    underLock(store.slot(), () -> walk(parts[database], store));
                    return true;
                }
            }
        }
        return false;
    }

    /** Takes the cut of the slot where the walk is, unless that was done. Also of one that holds nothing yet. */
    private void reach() {
        if (!hasReached(slot)) {
            underLock(slot, () -> {
                reached.add(slot);
                visitor.reached(slot);
            });
        }
    }

    private void walk(SnapshotPart part, SlotStore store) {
        bytes += LOOK_BYTES;
        if (store.isWantedBy(part)) {
            for (int i = 0; i < BUCKETS_UNDER_ONE_LOCK && position < SlotTable.END && !full; i++) {
                long next = store.coverInterval(position, record -> walk(part, store, record));
                // What the step had no room for is still without a mark, and found when the interval is walked again.
                position = full ? position : next;
                bytes += LOOK_BYTES;
            }
            if (position < SlotTable.END) {
                return;
            }
            store.allMarked();
        }
        slot++;
        position = 0;
    }

    private void walk(Flushed from) {
        long end = from.table.allBuckets();
        for (int i = 0; i < BUCKETS_UNDER_ONE_LOCK && flushedBucket < end && !full; i++) {
            from.table.visit(flushedBucket, record -> walk(from.part, from.store, record));
            flushedBucket += full ? 0 : 1;
            bytes += LOOK_BYTES;
        }
        if (flushedBucket == end) {
            flushedBucket = 0;
            flushed.remove();
            keyspace.freeLater(from.table);
        }
    }

    private void walk(SnapshotPart part, SlotStore store, long record) {
        if (full || store.isMarked(record)) {
            return;
        }
        if (records == RECORDS_UNDER_ONE_LOCK || bytes >= BYTES_UNDER_ONE_LOCK || records > 0 && !visitor.ready()) {
            full = true;
            return;
        }
        store.show(part, record);
        records++;
        bytes += store.keyLength(record) + store.valueLength(record) + LOOK_BYTES;
    }

    // -- marks

    /** Gives all records of a store one mark where a new one could be mistaken for an old one's. */
    private void evenOut() {
        for (int i = 0; i < keyspace.databases(); i++) {
            Database from = keyspace.database(i);
            for (int at = 0; at < keyspace.slots(); at++) {
                SlotStore store = from.storeIfPresent(at);
                if (store != null && covers(at)) {
                    evenOut(store);
                }
            }
        }
    }

    private void evenOut(SlotStore store) {
        long[] from = new long[1];
        boolean[] more = {true};
        while (more[0]) {
            underLock(store.slot(), () -> {
                more[0] = store.marksAreUsedUp();
                for (int i = 0; more[0] && i < BUCKETS_UNDER_ONE_LOCK; i++) {
                    from[0] = store.coverInterval(from[0], store::mark);
                    more[0] = from[0] < SlotTable.END;
                    if (!more[0]) {
                        store.allMarked();
                    }
                }
            });
        }
    }
}
