package io.granary.slots.keyspace;

import static io.granary.slots.keyspace.Layouts.LONG;

import io.granary.slots.memory.Heap;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * The hash table of one store as it is searched: for one key, for all of them in turn, and ahead of need.
 *
 * <p><b>Scanning.</b> A scan's cursor is a position. One step takes all entries of the interval of positions from the
 * cursor up to where the home bucket ends (or what has been moved ends), found by walking from that bucket until
 * nothing was passed on. A key that is there all the time has one position for ever, and the intervals of a whole scan
 * cover all positions, so it is seen whatever the table does meanwhile, and never twice in one scan.
 */
abstract sealed class SlotTable extends GrowingTable permits StoredRecords {

    private static final long NOWHERE = -1;
    private static final int TOUCHED_BUCKETS = 3;
    private static final int SAMPLE_BUCKETS = 4096;
    private static final int RANDOM_TRIES = 256;

    private final long lastTouchable;

    SlotTable(Heap heap, KeyHash keyHash) {
        super(heap, keyHash);
        this.lastTouchable = memory.byteSize() - 2 * Bucket.BYTES;
    }

    // -- one entry

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

    /** Whether a record that was there is still there under the same hash, be it for another value. */
    final boolean stillHolds(long record, long hash) {
        return placeOrNowhere(record, hash) != NOWHERE && hash(record) == hash;
    }

    /** Makes an entry point to where its record is now. */
    final void repoint(long place, long record) {
        Bucket.reference(memory, bucketOf(place), entryOf(place), reference(record));
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

    /**
     * Visits at least {@code count} records from {@code cursor} on (0 begins) if there are; returns the next cursor, 0
     * at the end.
     */
    public final long scan(long cursor, int count, RecordVisitor visitor) {
        int[] visited = new int[1];
        RecordVisitor counting = record -> {
            visited[0]++;
            visitor.visit(record);
        };
        long position = cursor & END - 1;
        // As Redis: in a sparse table a call ends after a while even if it found little.
        for (long steps = 10L * count; steps > 0 && visited[0] < count && position < END; steps--) {
            position = visitInterval(position, counting);
        }
        return position < END ? position : 0;
    }

    /** A random record, each with the same probability, or {@link SlotStore#NONE}. */
    public final long random(RandomGenerator random) {
        if (size() == 0) {
            return SlotStore.NONE;
        }
        long places = allBuckets() * Bucket.ENTRIES;
        for (int i = 0; i < RANDOM_TRIES; i++) {
            long place = random.nextLong(places);
            long bucket = bucketNumber(place / Bucket.ENTRIES);
            int entry = (int) (place % Bucket.ENTRIES);
            if ((Bucket.taken(memory, bucket) & 1 << entry) != 0) {
                return record(Bucket.reference(memory, bucket, entry));
            }
        }
        // A table that is nearly empty, for the moment: the next record from a random place on is random enough.
        return nextFrom(random.nextLong(allBuckets()));
    }

    private long nextFrom(long start) {
        long count = allBuckets();
        for (long i = 0; i < count; i++) {
            long bucket = bucketNumber((start + i) % count);
            int taken = Bucket.taken(memory, bucket);
            if (taken != 0) {
                return record(Bucket.reference(memory, bucket, Integer.numberOfTrailingZeros(taken)));
            }
        }
        return SlotStore.NONE;
    }

    /**
     * Visits up to {@code max} neighbouring records from a random place on, if asked only ones with an expiry; returns
     * how many.
     */
    final int sample(RandomGenerator random, int max, boolean onlyExpiring, RecordVisitor visitor) {
        long count = allBuckets();
        long number = random.nextLong(count);
        int left = max;
        for (long looked = Math.min(count, SAMPLE_BUCKETS); looked > 0 && left > 0; looked--) {
            long bucket = bucketNumber(number);
            int bits = onlyExpiring ? Bucket.expiring(memory, bucket) : Bucket.taken(memory, bucket);
            for (; bits != 0 && left > 0; bits &= bits - 1, left--) {
                visitor.visit(record(Bucket.reference(memory, bucket, Integer.numberOfTrailingZeros(bits))));
            }
            number = number + 1 == count ? 0 : number + 1;
        }
        return max - left;
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

    /**
     * Reads the first two lines of all records from the bucket on where a position is at home, in up to {@code count}
     * buckets; as {@link #touchTable}.
     */
    final long touchFrom(long position, int count) {
        MemorySegment m = memory;
        TableMove moving = move;
        boolean old = moving != null && isInOld(moving, position);
        long size = old ? moving.buckets : buckets;
        long home = home(position, (int) size);
        long first = (old ? moving.base : base) + (home << Bucket.LOG);
        long sum = 0;
        for (long i = 0; i < Math.min(count, size - home); i++) {
            long line = first + (i << Bucket.LOG);
            for (int entry = 0; entry < Bucket.ENTRIES && line <= lastTouchable; entry++) {
                long record = record(Bucket.reference(m, line, entry));
                sum += record <= lastTouchable ? m.get(LONG, record) + m.get(LONG, record + Bucket.BYTES) : 0;
            }
        }
        return sum;
    }
}
