package io.granary.slots.keyspace;

import static io.granary.slots.keyspace.Layouts.BYTE;
import static io.granary.slots.keyspace.Layouts.INT;
import static io.granary.slots.keyspace.Layouts.LONG;
import static io.granary.slots.keyspace.Layouts.SHORT;

import java.lang.foreign.MemorySegment;

/**
 * One cache line of a table: room for 12 entries.
 *
 * <pre>
 * 0   12 references to records (4 each)
 * 48  12 tags (1 each): 8 bits of the hash, 0 for an empty place
 * 60  overflow: how many entries were placed in later buckets although this one was on their way; 255 stays 255
 * 62  12 bits: which entries have an expiry
 * </pre>
 *
 * <p>Tags are compared eight at a time within a long. The overflow count takes the place of tombstones (as in F14): a
 * search ends at the first bucket that nothing has passed. An entry's place is the bucket's offset plus its index,
 * which fits since buckets lie at multiples of 64.
 */
final class Bucket {

    static final int BYTES = 64;
    static final int LOG = 6;
    static final int ENTRIES = 12;

    static final long FIRST_TAGS = 48;
    static final long LAST_TAGS = 56;

    private static final long OVERFLOW = 60;
    private static final long EXPIRING = 62;
    private static final int SATURATED = 255;

    private static final long ONES = 0x0101010101010101L;
    private static final long LOWS = 0x7F7F7F7F7F7F7F7FL;
    private static final long LAST_TAGS_MASK = 0x80808080L;
    private static final int TAG_MASK = 0xFF;

    private Bucket() {}

    static int tag(long hash) {
        int tag = (int) hash & TAG_MASK;
        return tag == 0 ? 1 : tag;
    }

    /** The tag in each byte of a long. */
    static long pattern(long hash) {
        return tag(hash) * ONES;
    }

    /** The highest bit of each byte of {@code word} that is zero; exact, no carry leaks into neighbours. */
    static long zeroBytes(long word) {
        return ~((word & LOWS) + LOWS | word | LOWS);
    }

    /** As {@link #zeroBytes}, of the word at {@link #LAST_TAGS}, of which half are not tags. */
    static long zeroTags(long lastWord) {
        return zeroBytes(lastWord) & LAST_TAGS_MASK;
    }

    /** The overflow count within the word at {@link #LAST_TAGS}. */
    static int overflow(long lastWord) {
        return (int) (lastWord >>> 32) & 0xFF;
    }

    /** A bit for each entry, taken from the matches in the two words of tags. */
    static int bits(long firstMatches, long lastMatches) {
        return gather(firstMatches) | gather(lastMatches) << 8;
    }

    /** Moves the highest bits of eight bytes together: the product puts bit 8i + 7 at 56 + i. */
    private static int gather(long highs) {
        return (int) ((highs >>> 7) * 0x0102040810204080L >>> 56);
    }

    /** A bit for each entry that is taken. */
    static int taken(MemorySegment memory, long bucket) {
        return ~bits(zeroBytes(memory.get(LONG, bucket + FIRST_TAGS)), zeroTags(memory.get(LONG, bucket + LAST_TAGS)))
                & (1 << ENTRIES) - 1;
    }

    /** The index of an empty place, or -1. */
    static int empty(MemorySegment memory, long bucket) {
        long empty = zeroBytes(memory.get(LONG, bucket + FIRST_TAGS));
        if (empty != 0) {
            return Long.numberOfTrailingZeros(empty) >>> 3;
        }
        empty = zeroTags(memory.get(LONG, bucket + LAST_TAGS));
        return empty != 0 ? 8 + (Long.numberOfTrailingZeros(empty) >>> 3) : -1;
    }

    static int reference(MemorySegment memory, long bucket, int index) {
        return memory.get(INT, bucket + 4L * index);
    }

    static void reference(MemorySegment memory, long bucket, int index, int reference) {
        memory.set(INT, bucket + 4L * index, reference);
    }

    static void put(MemorySegment memory, long bucket, int index, int reference, int tag, boolean expiring) {
        reference(memory, bucket, index, reference);
        memory.set(BYTE, bucket + FIRST_TAGS + index, (byte) tag);
        if (expiring) {
            expiring(memory, bucket, index, true);
        }
    }

    static void clear(MemorySegment memory, long bucket, int index) {
        reference(memory, bucket, index, 0);
        memory.set(BYTE, bucket + FIRST_TAGS + index, (byte) 0);
        expiring(memory, bucket, index, false);
    }

    static int expiring(MemorySegment memory, long bucket) {
        return memory.get(SHORT, bucket + EXPIRING);
    }

    static void expiring(MemorySegment memory, long bucket, int index, boolean expiring) {
        int bits = expiring(memory, bucket);
        int bit = 1 << index;
        memory.set(SHORT, bucket + EXPIRING, (short) (expiring ? bits | bit : bits & ~bit));
    }

    static int overflow(MemorySegment memory, long bucket) {
        return memory.get(BYTE, bucket + OVERFLOW) & 0xFF;
    }

    static void passed(MemorySegment memory, long bucket) {
        int count = overflow(memory, bucket);
        if (count < SATURATED) {
            memory.set(BYTE, bucket + OVERFLOW, (byte) (count + 1));
        }
    }

    static void passedNoMore(MemorySegment memory, long bucket) {
        int count = overflow(memory, bucket);
        if (count < SATURATED) {
            memory.set(BYTE, bucket + OVERFLOW, (byte) (count - 1));
        }
    }
}
