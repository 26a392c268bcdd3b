package io.granary.slots.keyspace;

import io.granary.slots.memory.Heap;
import io.granary.slots.memory.MemoryExhaustedException;
import java.lang.foreign.MemorySegment;

/**
 * The buckets of one store's hash table, where its entries have their places, and how it grows and shrinks.
 *
 * <p><b>Placement.</b> The upper 32 bits of a key's hash are its <i>position</i>. Its home bucket is {@code position *
 * buckets >>> 32}, so any number of buckets will do and the home bucket never falls as the position rises. An entry
 * lives in the first bucket from its home on, around the end to the beginning, that had room; each bucket it passed
 * counts it in its overflow count, and a search ends at a bucket that nothing has passed. Full to 7/8 and grown by a
 * third, a table takes some 7 bytes an entry.
 *
 * <p><b>Moving.</b> A small table is rebuilt at once. A large one is moved to its successor in the order of positions,
 * a few buckets with each write: entries at home in old buckets below {@link TableMove#next} are in the new table, all
 * others in the old, so every operation looks at one table only. The old table's memory is given back as the move
 * proceeds.
 *
 * <p><b>The empty table</b> is the line of zeros at the beginning of the region, so that nothing needs a case of its
 * own for it.
 */
abstract sealed class GrowingTable permits SlotTable {

    /** One past the last position. */
    static final long END = 1L << Integer.SIZE;

    private static final long EMPTY_BASE = 0;
    private static final int AT_ONCE = 1024;
    private static final int MOVED_PER_WRITE = 2;
    private static final int RELEASE_BUCKETS = (2 << 20) / Bucket.BYTES;

    final MemorySegment memory;
    final Heap heap;
    final KeyHash keyHash;
    private final int shift;

    /** The table that new entries go to: where its buckets begin, and how many there are. */
    long base = EMPTY_BASE;

    int buckets = 1;

    /** The old table while it is being moved, else null. */
    TableMove move;

    /** The sum of what was only read to have it in the cache: kept, so that the reads are not left out. */
    private long touched;

    GrowingTable(Heap heap, KeyHash keyHash) {
        this.heap = heap;
        this.keyHash = keyHash;
        this.memory = heap.memory().segment();
        this.shift = heap.memory().referenceShift();
    }

    /** The number of entries. */
    public abstract long size();

    // -- where things are

    static long home(long position, int count) {
        return position * count >>> Integer.SIZE;
    }

    /** The lowest position that is at home in the bucket or a later one. */
    static long lowestPosition(long bucket, int count) {
        return ((bucket << Integer.SIZE) + count - 1) / count;
    }

    static long position(long hash) {
        return hash >>> Integer.SIZE;
    }

    final long record(int reference) {
        return (reference & 0xFFFFFFFFL) << shift;
    }

    final int reference(long record) {
        return (int) (record >>> shift);
    }

    static boolean isInOld(TableMove move, long position) {
        return home(position, move.buckets) >= move.next;
    }

    /** The keyed hash of a record's key. */
    public final long hash(long record) {
        long header = RecordLayout.header(memory, record);
        return keyHash.of(
                memory, RecordLayout.keyOffset(record, header), RecordLayout.keyLength(memory, record, header));
    }

    static long bucketOf(long place) {
        return place & -Bucket.BYTES;
    }

    static int entryOf(long place) {
        return (int) place & Bucket.BYTES - 1;
    }

    // -- change

    /** Makes sure that one more entry can be added. Called before its record is made, so that a failure changes nothing. */
    final void prepareToAdd() {
        if (move != null) {
            step();
        }
        if (base == EMPTY_BASE || size() >= limit(buckets)) {
            finishMove();
            rebuild(grown(base == EMPTY_BASE ? 0 : buckets));
        }
    }

    /** Makes room in an empty table for so many entries, so that they are not moved again and again while it fills. */
    public final void expect(long entries) {
        if (base == EMPTY_BASE && entries > Bucket.ENTRIES) {
            rebuild(wholeBuckets(entries * 8 / 7 / Bucket.ENTRIES + 1));
        }
    }

    /** At most how many entries a table takes; one of a single bucket may be full. */
    private static long limit(int count) {
        long room = (long) count * Bucket.ENTRIES;
        return count == 1 ? room : room - (room >>> 3);
    }

    /** The number of buckets of the next larger table, using up whatever the allocator rounds to. */
    private int grown(int count) {
        return wholeBuckets(Math.max(count + 1L, count + count / 3L));
    }

    private int wholeBuckets(long count) {
        return (int) Math.min(heap.rounded(count << Bucket.LOG) >>> Bucket.LOG, Integer.MAX_VALUE);
    }

    final void add(long record, long hash, boolean expiring) {
        TableMove moving = move;
        if (moving != null && isInOld(moving, position(hash))) {
            addTo(moving.base, moving.buckets, record, hash, expiring);
        } else {
            addTo(base, buckets, record, hash, expiring);
        }
    }

    private void addTo(long table, int count, long record, long hash, boolean expiring) {
        long index = home(position(hash), count);
        for (int looked = 0; looked < count; looked++) {
            long bucket = table + (index << Bucket.LOG);
            int entry = Bucket.empty(memory, bucket);
            if (entry >= 0) {
                Bucket.put(memory, bucket, entry, reference(record), Bucket.tag(hash), expiring);
                return;
            }
            Bucket.passed(memory, bucket);
            index = index + 1 == count ? 0 : index + 1;
        }
        throw new IllegalStateException("a full table: " + count + " buckets, " + size() + " entries");
    }

    /** Removes the entry at a place. */
    final void drop(long place, long hash) {
        TableMove moving = move;
        if (moving != null && isInOld(moving, position(hash))) {
            dropFrom(moving.base, moving.buckets, place, home(position(hash), moving.buckets));
        } else {
            dropFrom(base, buckets, place, home(position(hash), buckets));
        }
    }

    private void dropFrom(long table, int count, long place, long home) {
        long bucket = bucketOf(place);
        Bucket.clear(memory, bucket, entryOf(place));
        long index = home;
        for (long passed = table + (index << Bucket.LOG); passed != bucket; passed = table + (index << Bucket.LOG)) {
            Bucket.passedNoMore(memory, passed);
            index = index + 1 == count ? 0 : index + 1;
        }
    }

    /** Follows the removal of entries: a table that has become much too large is moved to a smaller one. */
    final void settleAfterRemoval() {
        long size = size();
        if (size == 0) {
            freeTables();
        } else if (move != null) {
            step();
        } else if (buckets > 1 && size * 3 < (long) buckets * Bucket.ENTRIES) {
            int smaller = wholeBuckets(Math.max(1, (size * 10 / 7 + Bucket.ENTRIES - 1) / Bucket.ENTRIES));
            if (smaller < buckets) {
                shrinkTo(smaller);
            }
        }
    }

    private void shrinkTo(int smaller) {
        try {
            rebuild(smaller);
        } catch (MemoryExhaustedException _) {
            // The removal has happened by now and must not fail: the table stays too large for the moment.
        }
    }

    private void freeTables() {
        if (base != EMPTY_BASE) {
            heap.free(base);
            base = EMPTY_BASE;
            buckets = 1;
        }
        if (move != null) {
            heap.free(move.base);
            move = null;
        }
    }

    // -- growth

    private void rebuild(int newBuckets) {
        long newBase = heap.allocateZeroed((long) newBuckets << Bucket.LOG);
        long oldBase = base;
        int oldBuckets = buckets;
        base = newBase;
        buckets = newBuckets;
        if (oldBase == EMPTY_BASE) {
            return;
        }
        move = new TableMove(oldBase, oldBuckets);
        if (size() <= AT_ONCE) {
            finishMove();
        } else {
            moveStarted();
        }
    }

    /** A large table has begun to move: somebody is to see to it that it ends even if nothing is written any more. */
    abstract void moveStarted();

    final boolean isMoving() {
        return move != null;
    }

    /** Moves some buckets on, if a move is under way. */
    final void step() {
        TableMove moving = move;
        if (moving != null) {
            touchNext(moving);
            for (int i = 0; i < MOVED_PER_WRITE && moving.next < moving.buckets; i++) {
                moveBucket(moving);
            }
            releaseMoved(moving);
        }
    }

    /** Reads a line of every record that is about to be moved, one independent of the other, so that the misses overlap. */
    private void touchNext(TableMove moving) {
        long sum = 0;
        long end = moving.base + (Math.min((long) moving.next + MOVED_PER_WRITE, moving.buckets) << Bucket.LOG);
        for (long bucket = moving.base + ((long) moving.next << Bucket.LOG); bucket < end; bucket += Bucket.BYTES) {
            for (int entry = 0; entry < Bucket.ENTRIES; entry++) {
                sum += RecordLayout.header(memory, record(Bucket.reference(memory, bucket, entry)));
            }
        }
        touched = sum;
    }

    private void finishMove() {
        while (move != null) {
            step();
        }
    }

    /** Moves all entries that are at home in the next old bucket, wherever they live. */
    private void moveBucket(TableMove moving) {
        int home = moving.next;
        // From here on entries at home in this bucket belong to the new table.
        moving.next = home + 1;
        long index = home;
        for (int looked = 0; looked < moving.buckets; looked++) {
            long bucket = moving.base + (index << Bucket.LOG);
            boolean last = Bucket.overflow(memory, bucket) == 0;
            int expiring = Bucket.expiring(memory, bucket);
            for (int bits = Bucket.taken(memory, bucket); bits != 0; bits &= bits - 1) {
                int entry = Integer.numberOfTrailingZeros(bits);
                long record = record(Bucket.reference(memory, bucket, entry));
                long hash = hash(record);
                if (home(position(hash), moving.buckets) == home) {
                    dropFrom(moving.base, moving.buckets, bucket | entry, home);
                    addTo(base, buckets, record, hash, (expiring & 1 << entry) != 0);
                }
            }
            if (last) {
                return;
            }
            index = index + 1 == moving.buckets ? 0 : index + 1;
        }
    }

    /**
     * Gives back the old table: at the end, or before it in pieces. A piece holds nothing but perhaps entries that came
     * around from the end of the table into its first buckets; those are let be. For all others zeros mean what they
     * held: nothing.
     */
    private void releaseMoved(TableMove moving) {
        if (moving.next == moving.buckets) {
            move = null;
            heap.free(moving.base);
        } else if (moving.next - moving.released >= 2 * RELEASE_BUCKETS) {
            int from = moving.released == 0 ? RELEASE_BUCKETS : moving.released;
            if (endsBefore(moving, from)) {
                heap.memory().decommit(moving.base + ((long) from << Bucket.LOG), (long) RELEASE_BUCKETS << Bucket.LOG);
            }
            moving.released = from + RELEASE_BUCKETS;
        }
    }

    /** Whether what came around the end of the old table ends before the bucket. */
    private boolean endsBefore(TableMove moving, int limit) {
        for (long index = 0; index < limit; index++) {
            if (Bucket.overflow(memory, moving.base + (index << Bucket.LOG)) == 0) {
                return true;
            }
        }
        return false;
    }

    // -- the whole

    /** All buckets, those of an old table among them. */
    final long allBuckets() {
        return move == null ? buckets : (long) buckets + move.buckets;
    }

    /** The bucket with a number below {@link #allBuckets}. */
    final long bucketNumber(long number) {
        return number < buckets ? base + (number << Bucket.LOG) : move.base + (number - buckets << Bucket.LOG);
    }

    /** Bytes of the table, of both while one is moved. */
    public final long tableBytes() {
        return (base == EMPTY_BASE ? 0 : (long) buckets << Bucket.LOG) + movingBytes();
    }

    /** Bytes of the old table while one is moved, else 0. */
    final long movingBytes() {
        TableMove old = move;
        return old == null ? 0 : (long) old.buckets << Bucket.LOG;
    }

    /**
     * Leaves an empty table behind and returns the tables as they were, for their entries to be freed later; null if
     * empty.
     */
    final DetachedTable detach(KeyspaceStats stats) {
        if (base == EMPTY_BASE) {
            return null;
        }
        TableMove old = move;
        DetachedTable detached = new DetachedTable(
                heap, stats, base, buckets, old == null ? 0 : old.base, old == null ? 0 : old.buckets);
        base = EMPTY_BASE;
        buckets = 1;
        move = null;
        return detached;
    }
}
