package io.granary.slots.keyspace;

import static io.granary.slots.keyspace.Layouts.BYTE;

import io.granary.slots.memory.Heap;
import java.lang.foreign.MemorySegment;

/**
 * The keys of one slot in one database. The caller holds the slot's lock for every method unless it says otherwise.
 *
 * <p>A record is named by an opaque positive number, valid until it is removed or a method returns another one for it; no
 * method moves any other record than the one it is given.
 */
public final class SlotStore extends MarkedRecords {

    /** No record. */
    public static final long NONE = 0;

    private static final long SLACK_LIMIT = 1 << 20;

    private WatchedKeys watched;
    private long expiryPosition;
    /** Of all records; written with the slot's lock held, read by anyone. */
    private long recordBytes;

    SlotStore(Database database, int slot, Heap heap, KeyHash keyHash) {
        super(database, slot, heap, keyHash);
    }

    public int database() {
        return database.index;
    }

    public int slot() {
        return slot;
    }

    /** The number of keys, expired ones that nobody has removed yet among them. May be read without the lock. */
    @Override
    public long size() {
        return database.size(slot);
    }

    /** The number of keys with an expiry. May be read without the lock. */
    public long expiring() {
        return database.expiring(slot);
    }

    @Override
    void moveStarted() {
        database.reclaimer.moveStarted(this);
    }

    // -- one record

    /** Changes only how OBJECT ENCODING names the value. */
    public void encoding(long record, int encoding) {
        keep(record);
        RecordLayout.kind(memory, record, RecordLayout.kind(type(record), encoding));
    }

    /** Bytes that a record takes, its share of the table included (MEMORY USAGE). */
    public long memoryUsage(long record) {
        return heap.capacity(record) + tableBytes() / Math.max(1, size());
    }

    /** Bytes that the slot's keys take, their table included; exact. May be read without the lock. */
    public long bytes() {
        return recordBytes + tableBytes();
    }

    // -- writing

    /**
     * Inserts or overwrites (in place where it fits). A new record's access clock is 0, an overwritten one keeps its.
     * The value may lie in another record, not in the one overwritten.
     *
     * @param expiryMs unix time, or -1 for none
     */
    public long putString(
            MemorySegment key, long keyOffset, int keyLength, long hash,
            MemorySegment value, long valueOffset, long valueLength, int encoding, long expiryMs) {
        long record = find(key, keyOffset, keyLength, hash);
        return record != NONE
                ? overwriteString(record, hash, value, valueOffset, valueLength, encoding, expiryMs)
                : insertString(key, keyOffset, keyLength, hash, value, valueOffset, valueLength, encoding, expiryMs);
    }

    /** As {@link #putString}, for a key that is known to be absent. */
    public long insertString(
            MemorySegment key, long keyOffset, int keyLength, long hash,
            MemorySegment value, long valueOffset, long valueLength, int encoding, long expiryMs) {
        prepareToAdd();
        boolean wide = RecordLayout.isWide(keyLength, valueLength);
        boolean expires = expiryMs != RecordLayout.NO_EXPIRY;
        long head = RecordLayout.headBytes(wide, expires);
        long record = heap.allocate(head + keyLength + valueLength);
        int kind = RecordLayout.kind(ValueType.STRING.code, encoding);
        RecordLayout.writeHead(memory, record, markOfNew(), kind, 0, keyLength, valueLength, expires, expiryMs);
        Layouts.copy(key, keyOffset, memory, record + head, keyLength);
        Layouts.copy(value, valueOffset, memory, record + head + keyLength, valueLength);
        add(record, hash, expires);
        recordBytes += heap.capacity(record);
        database.addToSize(slot, 1);
        if (expires) {
            database.addToExpiring(slot, 1);
        }
        return record;
    }

    /** Overwrites a record of any type with a string; it may move. Otherwise as {@link #putString}. */
    public long overwriteString(
            long record, long hash,
            MemorySegment value, long valueOffset, long valueLength, int encoding, long expiryMs) {
        keep(record);
        int kind = RecordLayout.kind(ValueType.STRING.code, encoding);
        long header = header(record);
        long target = record;
        if (RecordLayout.valueLength(memory, record, header) == valueLength
                && RecordLayout.hasExpiryRoom(header) == (expiryMs != RecordLayout.NO_EXPIRY)) {
            // By far the most common case: nothing moves, and only these words change.
            RecordLayout.kind(memory, record, kind);
            if (expiryMs != RecordLayout.NO_EXPIRY) {
                setExpiry(record, hash, expiryMs);
            }
        } else {
            target = reshape(record, hash, 0, valueLength, kind, expiryMs, false);
            header = header(target);
        }
        Layouts.copy(value, valueOffset, memory, RecordLayout.valueOffset(memory, target, header), valueLength);
        return target;
    }

    /** Sets or (-1) removes the expiry; the record may move. */
    public long setExpiry(long record, long hash, long expiryMs) {
        keep(record);
        long header = header(record);
        if (RecordLayout.hasExpiryRoom(header)) {
            noteExpiry(record, hash, expiry(record) != RecordLayout.NO_EXPIRY, expiryMs != RecordLayout.NO_EXPIRY);
            RecordLayout.expiry(memory, record, header, expiryMs);
            return record;
        }
        if (expiryMs == RecordLayout.NO_EXPIRY) {
            return record;
        }
        long length = RecordLayout.valueLength(memory, record, header);
        return reshape(record, hash, length, length, RecordLayout.kind(header), expiryMs, false);
    }

    /**
     * Changes the value's length, keeping its beginning and filling up with zeros; the record may move. A value that
     * grows again and again is given room ahead, so that n bytes appended one by one are not copied n times.
     */
    public long resize(long record, long hash, long newValueLength, int encoding) {
        keep(record);
        long header = header(record);
        long oldLength = RecordLayout.valueLength(memory, record, header);
        long kept = Math.min(oldLength, newValueLength);
        int kind = RecordLayout.kind(RecordLayout.type(header), encoding);
        long moved = reshape(record, hash, kept, newValueLength, kind, expiry(record), newValueLength > oldLength);
        if (newValueLength > kept) {
            memory.asSlice(valueOffset(moved) + kept, newValueLength - kept).fill((byte) 0);
        }
        return moved;
    }

    /** Gives a record another head and length of value, in its cell if it fits and is not wasted, else in a new one. */
    private long reshape(
            long record, long hash, long kept, long newValueLength, int kind, long expiryMs, boolean growing) {
        long header = header(record);
        int keyLength = RecordLayout.keyLength(memory, record, header);
        boolean expires = expiryMs != RecordLayout.NO_EXPIRY;
        long head = RecordLayout.headBytes(RecordLayout.isWide(keyLength, newValueLength), expires);
        long bytes = head + keyLength + newValueLength;
        boolean expired = RecordLayout.expiry(memory, record, header) != RecordLayout.NO_EXPIRY;
        long target = record;
        long capacity = heap.capacity(record);
        if (bytes <= capacity && (growing || heap.rounded(bytes) * 4 >= capacity * 3)) {
            noteExpiry(record, hash, expired, expires);
            if (head != RecordLayout.headBytes(header)) {
                MemorySegment.copy(memory, RecordLayout.keyOffset(record, header), memory, record + head, keyLength + kept);
            }
        } else {
            target = heap.allocate(growing ? bytes + slack(bytes) : bytes);
            Layouts.copy(memory, RecordLayout.keyOffset(record, header), memory, target + head, keyLength + kept);
            noteExpiry(record, hash, expired, expires);
            repoint(place(record, hash), target);
            recordBytes += heap.capacity(target) - capacity;
            heap.free(record);
        }
        RecordLayout.writeHead(
                memory, target, mark(), kind, RecordLayout.clock(header), keyLength, newValueLength, expires, expiryMs);
        return target;
    }

    private static long slack(long bytes) {
        return bytes < SLACK_LIMIT ? bytes >> 1 : bytes >> 3;
    }

    /** Keeps the table's mark and the count of a record that gets or loses its expiry. */
    private void noteExpiry(long record, long hash, boolean before, boolean after) {
        if (before != after) {
            long place = place(record, hash);
            Bucket.expiring(memory, bucketOf(place), entryOf(place), after);
            database.addToExpiring(slot, after ? 1 : -1);
        }
    }

    /** Removes a record and frees it. */
    public void remove(long record, long hash) {
        removeAt(place(record, hash), record, hash);
        settleAfterRemoval();
    }

    private void removeAt(long place, long record, long hash) {
        keep(record);
        if (expiry(record) != RecordLayout.NO_EXPIRY) {
            database.addToExpiring(slot, -1);
        }
        drop(place, hash);
        database.addToSize(slot, -1);
        recordBytes -= heap.capacity(record);
        heap.free(record);
    }

    /**
     * Removes all keys, telling those who watch one of them; returns how many there were. Freeing large stores is left
     * to later.
     */
    public long clear() {
        long size = size();
        if (watched != null) {
            watched.touchedAll(this::stateUntimed, _ -> KeyState.ABSENT);
        }
        DetachedTable detached = empty();
        if (detached != null && !detached.free(Reclaimer.BUCKETS_PER_STEP)) {
            database.reclaimer.add(detached);
        }
        return size;
    }

    /** Removes all keys without telling anyone, and leaves it to others to free them. */
    void discard(Reclaimer later) {
        DetachedTable detached = empty();
        if (detached != null) {
            later.add(detached);
        }
    }

    /** Leaves nothing behind but what a snapshot that has yet to see it keeps; returns what is to be freed now, or null. */
    private DetachedTable empty() {
        SnapshotPart part = database.snapshot;
        boolean kept = part != null && isWantedBy(part);
        database.stats.flushed(size());
        DetachedTable detached = detach(database.stats);
        database.clearCounts(slot);
        recordBytes = 0;
        allMarked();
        if (detached != null && kept) {
            part.walk().flushed(part, this, detached);
            return null;
        }
        return detached;
    }

    /** As {@link #find(MemorySegment, long, int, long)} for a key in an array. */
    public long find(byte[] key) {
        return find(Layouts.nativeCopy(key), 0, key.length);
    }

    long find(MemorySegment key, long offset, int length) {
        return find(key, offset, length, keyHash.of(key, offset, length));
    }

    private KeyState stateUntimed(byte[] key) {
        return find(key) == NONE ? KeyState.ABSENT : KeyState.LIVE;
    }

    // -- snapshots

    /** Lets the snapshot that runs, if any, see a record that is about to change. */
    private void keep(long record) {
        SnapshotPart part = database.snapshot;
        if (part != null && isWantedBy(part)) {
            show(part, record);
        }
    }

    /** Shows a record to a snapshot unless it was shown already or made after the cut. */
    void show(SnapshotPart part, long record) {
        if (!isMarked(record)) {
            part.walk().show(part, this, record);
            mark(record);
        }
    }

    // -- expiry

    /** Goes on looking for expired records, at about {@code budget} with an expiry, and removes them; returns how many. */
    public int expire(long nowMs, int budget, RecordVisitor visitor) {
        ExpirySample sample = new ExpirySample();
        expire(nowMs, budget, Integer.MAX_VALUE, sample, visitor);
        return sample.expired;
    }

    /** As above, looking at most at {@code maxBuckets} and once around the table. */
    void expire(long nowMs, int budget, int maxBuckets, ExpirySample sample, RecordVisitor visitor) {
        long buckets = Math.min(maxBuckets, allBuckets());
        int enough = sample.looked + budget;
        for (; buckets > 0 && sample.looked < enough && expiring() > 0; buckets--) {
            long bucket = bucketAt(expiryPosition);
            long next = nextBucketFrom(expiryPosition);
            expiryPosition = next < END ? next : 0;
            sample.buckets++;
            if (Bucket.expiring(memory, bucket) != 0) {
                expireBucket(bucket, nowMs, sample, visitor);
            }
        }
    }

    private void expireBucket(long bucket, long nowMs, ExpirySample sample, RecordVisitor visitor) {
        boolean removed = false;
        for (int bits = Bucket.expiring(memory, bucket); bits != 0; bits &= bits - 1) {
            int entry = Integer.numberOfTrailingZeros(bits);
            long record = record(Bucket.reference(memory, bucket, entry));
            long ttlMs = expiry(record) - nowMs;
            sample.looked++;
            if (ttlMs < 0) {
                sample.expired++;
                visitor.visit(record);
                expireAt(bucket | entry, record, hash(record));
                removed = true;
            } else {
                sample.ttlSumMs += ttlMs;
            }
        }
        if (removed) {
            settleAfterRemoval();
        }
    }

    /** Removes a record that has expired, counting it and telling whoever watches it. */
    public void expireNow(long record, long hash) {
        expireAt(place(record, hash), record, hash);
        settleAfterRemoval();
    }

    private void expireAt(long place, long record, long hash) {
        byte[] key = watchedName(record);
        removeAt(place, record, hash);
        database.stats.expired(slot);
        if (key != null) {
            watched.touched(key, KeyState.LIVE, KeyState.ABSENT);
        }
    }

    /** Removes a record to make room, counting it and telling whoever watches it. */
    void evict(long record, long hash) {
        byte[] key = watchedName(record);
        remove(record, hash);
        database.stats.evicted(slot);
        if (key != null) {
            watched.touched(key, KeyState.LIVE, KeyState.ABSENT);
        }
    }

    /** The name of a record that somebody may be watching, or null. */
    private byte[] watchedName(long record) {
        return watched == null || keyLength(record) > WatchedKeys.KEY_BYTES_MAX ? null : key(record);
    }

    // -- counting and watching

    /** Counts a read that found its key. */
    public void hit() {
        database.stats.hit(slot);
    }

    /** Counts a read that did not. */
    public void miss() {
        database.stats.miss(slot);
    }

    /** Tells the watchers of a key that it has changed. */
    public void touched(MemorySegment key, long offset, int length) {
        if (watched != null && length <= WatchedKeys.KEY_BYTES_MAX) {
            byte[] bytes = new byte[length];
            MemorySegment.copy(key, BYTE, offset, bytes, 0, length);
            if (watched.holds(bytes)) {
                watched.touched(bytes, KeyState.LIVE, stateUntimed(bytes));
            }
        }
    }

    public void watch(byte[] key, Watcher watcher) {
        if (watched == null) {
            watched = new WatchedKeys();
        }
        watched.add(key, watcher);
    }

    public void unwatch(byte[] key, Watcher watcher) {
        if (watched != null) {
            watched.remove(key, watcher);
            if (watched.isEmpty()) {
                watched = null;
            }
        }
    }

    /** The watched keys, or null if nobody watches any. */
    WatchedKeys watched() {
        return watched;
    }

    void watched(WatchedKeys keys) {
        watched = keys;
    }
}
