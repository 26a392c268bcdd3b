package io.granary.slots.keyspace;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Makes room by removing keys, in an order that approximates that of the policy.
 *
 * <p>Exact LRU needs a list through all keys. Instead, for each key to be removed a few neighbours in a random place
 * are looked at, and the best 16 candidates of all such samples are kept, worst first; the best one goes. A candidate
 * is remembered by its record and its hash: if the table still has that record under that hash it is the same key, or
 * one that took over its place with the same 64 bits of hash, which does not happen. As Redis, evict.c, with the same
 * scores: the time since the last access, the inverse of the frequency, or the nearness of the expiry.
 */
public final class Eviction {

    private static final int POOL = 16;
    private static final int PICKS_BETWEEN_COUNTS = 1024;
    private static final int ROUNDS_BETWEEN_COUNTS = 64;
    private static final int MAX_FREQUENCY = 255;

    private final Keyspace keyspace;
    private final BooleanSupplier allowed;
    private final ReentrantLock turn = new ReentrantLock();
    private final SlotStore[] stores = new SlotStore[POOL];
    private final long[] records = new long[POOL];
    private final long[] hashes = new long[POOL];
    private final long[] scores = new long[POOL];
    private int pooled;

    private volatile Settings settings = new Settings(EvictionPolicy.NOEVICTION, 5, 1);
    private Settings current = settings;
    private StoreSampler sampler = new StoreSampler(false);
    private int picksLeft;

    private record Settings(EvictionPolicy policy, int samples, int lfuDecayMinutes) {}

    public Eviction(Keyspace keyspace) {
        this(keyspace, () -> true);
    }

    /** {@code allowed} is asked with a slot's lock held, too, and says no while no key may go. */
    public Eviction(Keyspace keyspace, BooleanSupplier allowed) {
        this.keyspace = keyspace;
        this.allowed = allowed;
    }

    /** Takes effect with the next call of {@link #makeRoom}. */
    public void configure(EvictionPolicy policy, int samples, int lfuDecayMinutes) {
        settings = new Settings(policy, samples, lfuDecayMinutes);
    }

    /** As the other one, however long it takes. */
    public boolean makeRoom(long limit, long nowMs, RandomGenerator random, StoreVisitor visitor) {
        return makeRoom(limit, nowMs, random, () -> false, visitor);
    }

    /**
     * Removes keys until at most {@code limit} bytes are used. Takes the locks it needs itself; the caller holds none.
     * Only one thread evicts at a time: others are told that room is being made.
     *
     * @param outOfTime asked after each key that went
     * @param visitor shown each record before it is removed
     * @return false if the limit is exceeded and there is nothing (more) that may go
     */
    public boolean makeRoom(
            long limit, long nowMs, RandomGenerator random, BooleanSupplier outOfTime, StoreVisitor visitor) {
        if (keyspace.usedMemory() <= limit || !turn.tryLock()) {
            return true;
        }
        try {
            useSettings();
            boolean more = true;
            while (keyspace.usedMemory() > limit && allowed.getAsBoolean()) {
                boolean gained = true;
                if (more) {
                    // What was flushed and is not freed yet need not be paid for with other keys.
                    more = keyspace.freeFlushed();
                    gained = more;
                } else if (!evictOne(nowMs, random, visitor)) {
                    return !allowed.getAsBoolean();
                }
                // Time is not up before it is known that something may go: the caller would wait for room that never comes.
                if (gained && outOfTime.getAsBoolean()) {
                    return true;
                }
            }
            return true;
        } finally {
            turn.unlock();
        }
    }

    private void useSettings() {
        if (current != settings) {
            current = settings;
            sampler = new StoreSampler(current.policy.onlyVolatile());
            picksLeft = 0;
            clearPool();
        }
    }

    private void clearPool() {
        while (pooled > 0) {
            stores[--pooled] = null;
        }
    }

    private boolean evictOne(long nowMs, RandomGenerator random, StoreVisitor visitor) {
        if (current.policy == EvictionPolicy.NOEVICTION) {
            return false;
        }
        boolean anyone =
                current.policy == EvictionPolicy.ALLKEYS_RANDOM || current.policy == EvictionPolicy.VOLATILE_RANDOM;
        if (anyone) {
            clearPool();
        }
        for (int i = 0; i < ROUNDS_BETWEEN_COUNTS || count(); i++) {
            if (!sample(anyone ? 1 : current.samples, nowMs, random)) {
                return false;
            }
            while (pooled > 0) {
                if (evictBest(visitor)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Looks at as many keys as asked for, in as many stores as it takes; returns false if no key may go. */
    private boolean sample(int samples, long nowMs, RandomGenerator random) {
        int left = samples;
        for (int tries = 0; left > 0 && tries < 2 * samples; tries++) {
            SlotStore store = pickStore(random);
            if (store == null) {
                return false;
            }
            left -= sample(store, left, nowMs, random);
        }
        return true;
    }

    /** A store drawn by its number of keys that may go, or null if there are none. */
    private SlotStore pickStore(RandomGenerator random) {
        if (picksLeft-- <= 0 && !count()) {
            return null;
        }
        return sampler.pick(random);
    }

    private boolean count() {
        Database[] databases = new Database[keyspace.databases()];
        for (int i = 0; i < databases.length; i++) {
            databases[i] = keyspace.database(i);
        }
        boolean any = sampler.refresh(keyspace::hides, databases);
        picksLeft = any ? PICKS_BETWEEN_COUNTS : 0;
        return any;
    }

    private int sample(SlotStore store, int samples, long nowMs, RandomGenerator random) {
        StripeLock lock = keyspace.lock(store.slot());
        lock.lock();
        try {
            return store.sample(random, samples, current.policy.onlyVolatile(), record -> consider(store, record, nowMs));
        } finally {
            lock.unlock();
        }
    }

    /** The higher, the sooner it goes. */
    private long score(SlotStore store, long record, long nowMs) {
        return switch (current.policy) {
            case ALLKEYS_LRU, VOLATILE_LRU -> AccessClock.idleMs(store.accessClock(record), nowMs);
            case ALLKEYS_LFU, VOLATILE_LFU -> MAX_FREQUENCY
                    - AccessClock.lfuCounter(store.accessClock(record), nowMs, current.lfuDecayMinutes);
            case VOLATILE_TTL -> Long.MAX_VALUE - store.expiry(record);
            case ALLKEYS_RANDOM, VOLATILE_RANDOM, NOEVICTION -> 0;
        };
    }

    /** Puts a candidate into the pool if it is better than the worst there, or there is room. */
    private void consider(SlotStore store, long record, long nowMs) {
        long score = score(store, record, nowMs);
        long hash = store.hash(record);
        for (int i = 0; i < pooled; i++) {
            if (stores[i] == store && hashes[i] == hash) {
                return;
            }
        }
        if (pooled == POOL) {
            if (score <= scores[0]) {
                return;
            }
            dropFromPool(0);
        }
        int at = pooled;
        while (at > 0 && scores[at - 1] > score) {
            move(at - 1, at);
            at--;
        }
        stores[at] = store;
        records[at] = record;
        hashes[at] = hash;
        scores[at] = score;
        pooled++;
    }

    private void dropFromPool(int index) {
        for (int i = index; i < pooled - 1; i++) {
            move(i + 1, i);
        }
        stores[--pooled] = null;
    }

    private void move(int from, int to) {
        stores[to] = stores[from];
        records[to] = records[from];
        hashes[to] = hashes[from];
        scores[to] = scores[from];
    }

    /** Removes the best candidate from the pool, and its key if it is still there and may go. */
    private boolean evictBest(StoreVisitor visitor) {
        int best = pooled - 1;
        SlotStore store = stores[best];
        long record = records[best];
        long hash = hashes[best];
        dropFromPool(best);
        StripeLock lock = keyspace.lock(store.slot());
        lock.lock();
        try {
            if (!allowed.getAsBoolean() || keyspace.hides(store.slot()) || !store.stillHolds(record, hash)
                    || current.policy.onlyVolatile() && store.expiry(record) == RecordLayout.NO_EXPIRY) {
                return false;
            }
            visitor.visit(store, record);
            store.evict(record, hash);
            return true;
        } finally {
            lock.unlock();
        }
    }
}
