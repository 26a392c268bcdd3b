package io.granary.slots.keyspace;

import static io.granary.slots.keyspace.Layouts.LONG;

import io.granary.slots.memory.Heap;
import io.granary.slots.memory.MemoryExhaustedException;
import java.lang.foreign.MemorySegment;

/**
 * The hash table of one store: an array of {@link Bucket}s outside the Java heap, and how it grows and shrinks.
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
 * <p><b>Scanning.</b> A scan's cursor is a position. One step takes all entries of the interval of positions from the
 * cursor up to where the home bucket ends (or what has been moved ends), found by walking from that bucket until
 * nothing was passed on. A key that is there all the time has one position for ever, and the intervals of a whole scan
 * cover all positions, so it is seen whatever the table does meanwhile, and never twice in one scan.
 *
 * <p><b>The empty table</b> is the line of zeros at the beginning of the region, so that nothing needs a case of its
 * own for it.
 */
abstract sealed class SlotTable permits SlotStore {

    /** One past the last position. */
    static final long END = 1L << Integer.SIZE;

    private static final long NOWHERE = -1;
    private static final long EMPTY_BASE = 0;
    private static final int AT_ONCE = 1024;
    private static final int MOVED_PER_WRITE = 2;
    private static final int TOUCHED_BUCKETS = 3;
    private static final int RELEASE_BUCKETS = (2 << 20) / Bucket.BYTES;

    final MemorySegment memory;
    final Heap heap;
    final KeyHash keyHash;
    private final int shift;
    private final long lastTouchable;

    private long base = EMPTY_BASE;
    private int buckets = 1;
    private TableMove move;

    /** The sum of what was only read to have it in the cache: kept, so that the reads are not left out. */
    private long touched;

    SlotTable(Heap heap, KeyHash keyHash) {
        this.heap = heap;
        this.keyHash = keyHash;
        this.memory = heap.memory().segment();
        this.shift = heap.memory().referenceShift();
        this.lastTouchable = memory.byteSize() - 2 * Bucket.BYTES;
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

    private int reference(long record) {
        return (int) (record >>> shift);
    }

    private static boolean isInOld(TableMove move, long position) {
        return home(position, move.buckets) >= move.next;
    }

    /** The keyed hash of a record's key. */
    public final long hash(long record) {
        long header = RecordLayout.header(memory, record);
        return keyHash.of(
                memory, RecordLayout.keyOffset(record, header), RecordLayout.keyLength(memory, record, header));
    }

    /** The record of a key, expired or not, or 0. */
    public final long find(MemorySegment key, long offset, int length, long hash) {
        TableMove moving = move;
        if (moving != null && isInOld(moving, position(hash))) {
            return search(moving.base, moving.buckets, key, offset, length, hash);
        }
        return search(base, buckets, key, offset, length, hash);
    }

    private long search(long table, int count, MemorySegment key, long offset, int length, long hash) {
        MemorySegment m = memory;
        long pattern = Bucket.pattern(hash);
        long index = home(position(hash), count);
        for (int looked = 0; looked < count; looked++) {
            long bucket = table + (index << Bucket.LOG);
            long lastWord = m.get(LONG, bucket + Bucket.LAST_TAGS);
            long matches = Bucket.zeroBytes(m.get(LONG, bucket + Bucket.FIRST_TAGS) ^ pattern);
            for (; matches != 0; matches &= matches - 1) {
                long record = record(Bucket.reference(m, bucket, Long.numberOfTrailingZeros(matches) >>> 3));
                if (RecordLayout.keyEquals(m, record, key, offset, length)) {
                    return record;
                }
            }
            matches = Bucket.zeroTags(lastWord ^ pattern);
            for (; matches != 0; matches &= matches - 1) {
                long record = record(Bucket.reference(m, bucket, 8 + (Long.numberOfTrailingZeros(matches) >>> 3)));
                if (RecordLayout.keyEquals(m, record, key, offset, length)) {
                    return record;
                }
            }
            if (Bucket.overflow(lastWord) == 0) {
                return SlotStore.NONE;
            }
            index = index + 1 == count ? 0 : index + 1;
        }
        return SlotStore.NONE;
    }

    /** The place of a record's entry. */
    final long place(long record, long hash) {
        long place = placeOrNowhere(record, hash);
        if (place == NOWHERE) {
            throw new IllegalStateException("the table does not know record " + record);
        }
        return place;
    }

    private long placeOrNowhere(long record, long hash) {
        TableMove moving = move;
        return moving != null && isInOld(moving, position(hash))
                ? placeIn(moving.base, moving.buckets, record, hash)
                : placeIn(base, buckets, record, hash);
    }

    private long placeIn(long table, int count, long record, long hash) {
        int reference = reference(record);
        long pattern = Bucket.pattern(hash);
        long index = home(position(hash), count);
        for (int looked = 0; looked < count; looked++) {
            long bucket = table + (index << Bucket.LOG);
            long matches = Bucket.zeroBytes(memory.get(LONG, bucket + Bucket.FIRST_TAGS) ^ pattern);
            long lastMatches = Bucket.zeroTags(memory.get(LONG, bucket + Bucket.LAST_TAGS) ^ pattern);
            for (int bits = Bucket.bits(matches, lastMatches); bits != 0; bits &= bits - 1) {
                int entry = Integer.numberOfTrailingZeros(bits);
                if (Bucket.reference(memory, bucket, entry) == reference) {
                    return bucket | entry;
                }
            }
            index = index + 1 == count ? 0 : index + 1;
        }
        return NOWHERE;
    }

    static long bucketOf(long place) {
        return place & -Bucket.BYTES;
    }

    static int entryOf(long place) {
        return (int) place & Bucket.BYTES - 1;
    }

    /** Whether a record that was there is still there under the same hash, be it for another value. */
    final boolean stillHolds(long record, long hash) {
        return placeOrNowhere(record, hash) != NOWHERE && hash(record) == hash;
    }

    /** Makes an entry point to where its record is now. */
    final void repoint(long place, long record) {
        Bucket.reference(memory, bucketOf(place), entryOf(place), reference(record));
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

    // -- walks

    /**
     * Visits all entries of the interval of positions that begins at {@code position} and ends with its home bucket.
     *
     * @return where the interval ends: at most {@link #END}
     */
    final long visitInterval(long position, RecordVisitor visitor) {
        TableMove moving = move;
        if (moving != null && isInOld(moving, position)) {
            return visitInterval(moving.base, moving.buckets, position, END, visitor);
        }
        long limit = moving == null ? END : lowestPosition(moving.next, moving.buckets);
        return visitInterval(base, buckets, position, limit, visitor);
    }

    private long visitInterval(long table, int count, long position, long limit, RecordVisitor visitor) {
        long index = home(position, count);
        long end = Math.min(lowestPosition(index + 1, count), limit);
        for (int looked = 0; looked < count; looked++) {
            long bucket = table + (index << Bucket.LOG);
            for (int bits = Bucket.taken(memory, bucket); bits != 0; bits &= bits - 1) {
                long record = record(Bucket.reference(memory, bucket, Integer.numberOfTrailingZeros(bits)));
                long at = position(hash(record));
                if (at >= position && at < end) {
                    visitor.visit(record);
                }
            }
            if (Bucket.overflow(memory, bucket) == 0) {
                break;
            }
            index = index + 1 == count ? 0 : index + 1;
        }
        return end;
    }

    /**
     * Visits all entries of the interval of positions that begins at {@code position} and ends with its home bucket, and
     * some of others; cheaper than {@link #visitInterval}, since no key is hashed.
     *
     * @return where the interval ends: at most {@link #END}
     */
    final long coverInterval(long position, RecordVisitor visitor) {
        TableMove moving = move;
        if (moving != null && isInOld(moving, position)) {
            return coverInterval(moving.base, moving.buckets, position, visitor);
        }
        long end = coverInterval(base, buckets, position, visitor);
        return moving == null ? end : Math.min(end, lowestPosition(moving.next, moving.buckets));
    }

    private long coverInterval(long table, int count, long position, RecordVisitor visitor) {
        long home = home(position, count);
        long index = home;
        for (int looked = 0; looked < count; looked++) {
            long bucket = table + (index << Bucket.LOG);
            for (int bits = Bucket.taken(memory, bucket); bits != 0; bits &= bits - 1) {
                visitor.visit(record(Bucket.reference(memory, bucket, Integer.numberOfTrailingZeros(bits))));
            }
            if (Bucket.overflow(memory, bucket) == 0) {
                break;
            }
            index = index + 1 == count ? 0 : index + 1;
        }
        return lowestPosition(home + 1, count);
    }

    /** The bucket where a position is at home. */
    final long bucketAt(long position) {
        TableMove moving = move;
        return moving != null && isInOld(moving, position)
                ? moving.base + (home(position, moving.buckets) << Bucket.LOG)
                : base + (home(position, buckets) << Bucket.LOG);
    }

    /** Where the positions of the next bucket begin: at most {@link #END}. */
    final long nextBucketFrom(long position) {
        TableMove moving = move;
        int count = moving != null && isInOld(moving, position) ? moving.buckets : buckets;
        return lowestPosition(home(position, count) + 1, count);
    }

    /** All buckets, those of an old table among them. */
    final long allBuckets() {
        return move == null ? buckets : (long) buckets + move.buckets;
    }

    /** The bucket with a number below {@link #allBuckets}. */
    final long bucketNumber(long number) {
        return number < buckets ? base + (number << Bucket.LOG) : move.base + (number - buckets << Bucket.LOG);
    }

    // -- touching ahead, without the lock: whatever is read may be stale, but lies within the region

    /**
     * Reads the line of the table where a hash is at home, so that it is in the cache when it is needed. Safe without
     * the lock; the result means nothing, but must be used somehow, lest the read be left out.
     */
    public final long touchTable(long hash) {
        long line = lineToTouch(hash);
        return memory.get(LONG, line + Bucket.LAST_TAGS) + memory.get(LONG, line + Bucket.BYTES + Bucket.LAST_TAGS);
    }

    private long lineToTouch(long hash) {
        TableMove moving = move;
        long line = moving != null && isInOld(moving, position(hash))
                ? moving.base + (home(position(hash), moving.buckets) << Bucket.LOG)
                : base + (home(position(hash), buckets) << Bucket.LOG);
        return line <= lastTouchable ? line : 0;
    }

    /**
     * Reads the first two lines of the record that a hash probably has, which is in one of the next buckets if
     * something has passed the first; as {@link #touchTable}, some time after it.
     */
    public final long touchRecord(long hash) {
        MemorySegment m = memory;
        long line = lineToTouch(hash);
        long pattern = Bucket.pattern(hash);
        for (int looked = 0; looked < TOUCHED_BUCKETS; looked++) {
            long lastWord = m.get(LONG, line + Bucket.LAST_TAGS);
            int bits = Bucket.bits(
                    Bucket.zeroBytes(m.get(LONG, line + Bucket.FIRST_TAGS) ^ pattern), Bucket.zeroTags(lastWord ^ pattern));
            if (bits != 0) {
                long record = record(Bucket.reference(m, line, Integer.numberOfTrailingZeros(bits)));
                return record <= lastTouchable ? m.get(LONG, record) + m.get(LONG, record + Bucket.BYTES) : 0;
            }
            if (Bucket.overflow(lastWord) == 0 || line + Bucket.BYTES > lastTouchable) {
                return 0;
            }
            line += Bucket.BYTES;
        }
        return 0;
    }

    // -- the whole

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
