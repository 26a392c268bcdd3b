package io.granary.slots.keyspace;

import java.util.function.BooleanSupplier;

/**
 * The walk that removes expired keys nobody asks for.
 *
 * <p>Each store is walked in the order of its table, from where the last step stopped; only records whose expiry bit is
 * set are touched. A round looks at some dozens of keys with an expiry, in as many slots as it takes. When more than a
 * tenth of them had expired, another round follows at once: the share of dead keys is then high enough to be worth the
 * time. Otherwise the database is left alone until the next step. So what dead keys hold is bounded to about that
 * tenth, at a cost in proportion to how many die. As Redis, expire.c, whose effort setting has the same meaning here.
 */
public final class ActiveExpiry {

    private static final int KEYS_PER_ROUND = 20;
    private static final int BUCKETS_PER_ROUND = 4096;
    private static final int BUCKETS_UNDER_ONE_LOCK = 512;
    private static final int ACCEPTED_PERCENT = 10;

    private final Keyspace keyspace;
    private final BooleanSupplier allowed;
    private final ExpirySample sample = new ExpirySample();
    private final int[] nextSlot;
    private final long[] averageTtlMs;
    private int keysPerRound = KEYS_PER_ROUND;
    private int acceptedPercent = ACCEPTED_PERCENT;
    private double stalePercent;

    public ActiveExpiry(Keyspace keyspace) {
        this(keyspace, () -> true);
    }

    /** {@code allowed} is asked with a slot's lock held, and says no while no key of it may go. */
    public ActiveExpiry(Keyspace keyspace, BooleanSupplier allowed) {
        this.keyspace = keyspace;
        this.allowed = allowed;
        this.nextSlot = new int[keyspace.databases()];
        this.averageTtlMs = new long[keyspace.databases()];
    }

    /** @param effort 1 to 10, as {@code active-expire-effort} */
    public void effort(int effort) {
        keysPerRound = KEYS_PER_ROUND + KEYS_PER_ROUND / 4 * (effort - 1);
        acceptedPercent = ACCEPTED_PERCENT - (effort - 1);
    }

    /**
     * Goes on where it stopped, until little of what it looks at has expired or {@code outOfTime} says so. Takes the slots'
     * locks itself, briefly. One thread at a time.
     *
     * @param visitor shown each record before it is removed
     * @return the number of keys removed
     */
    public int step(long nowMs, BooleanSupplier outOfTime, StoreVisitor visitor) {
        int removed = 0;
        int looked = 0;
        for (int database = 0; database < keyspace.databases(); database++) {
            do {
                sample.clear();
                round(database, nowMs, visitor);
                removed += sample.expired;
                looked += sample.looked;
                noteTtl(database);
            } while (sample.expired * 100 > sample.looked * acceptedPercent && !outOfTime.getAsBoolean());
        }
        stalePercent = stalePercent * 0.95 + (looked == 0 ? 0 : 100.0 * removed / looked) * 0.05;
        return removed;
    }

    /** Looks at a few keys, in slots from the next one on, once around at most. */
    private void round(int index, long nowMs, StoreVisitor visitor) {
        Database database = keyspace.database(index);
        int first = database.nextOccupied(nextSlot[index], true);
        boolean wrapped = first == database.slots();
        int slot = wrapped ? database.nextOccupied(0, true) : first;
        while (slot < database.slots() && sample.looked < keysPerRound && sample.buckets < BUCKETS_PER_ROUND) {
            expire(database.store(slot), nowMs, visitor);
            slot = database.nextOccupied(slot + 1, true);
            if (slot == database.slots() && !wrapped) {
                wrapped = true;
                slot = database.nextOccupied(0, true);
            }
            if (wrapped && slot >= first) {
                break;
            }
        }
        nextSlot[index] = slot == database.slots() ? 0 : slot;
    }

    private void expire(SlotStore store, long nowMs, StoreVisitor visitor) {
        StripeLock lock = keyspace.lock(store.slot());
        lock.lock();
        try {
            if (allowed.getAsBoolean() && !keyspace.hides(store.slot())) {
                int budget = keysPerRound - sample.looked;
                store.expire(nowMs, budget, BUCKETS_UNDER_ONE_LOCK, sample, record -> visitor.visit(store, record));
            }
        } finally {
            lock.unlock();
        }
    }

    private void noteTtl(int database) {
        int alive = sample.looked - sample.expired;
        if (alive > 0) {
            long mean = sample.ttlSumMs / alive;
            long before = averageTtlMs[database];
            averageTtlMs[database] = before == 0 ? mean : before / 50 * 49 + mean / 50;
        } else if (keyspace.database(database).expiring() == 0) {
            averageTtlMs[database] = 0;
        }
    }

    /** The mean time to live of what was looked at lately, in milliseconds; 0 where nothing was. */
    public long averageTtlMs(int database) {
        return averageTtlMs[database];
    }

    /** How many percent of the keys with an expiry are probably dead, from what was looked at lately. */
    public double stalePercent() {
        return stalePercent;
    }
}
