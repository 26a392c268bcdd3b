package io.granary.node.dispatch;

import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The keys that clients of a writable replica have given an expiry. Its primary knows nothing of them and will never say
 * that they end, so the replica removes these, and only these, itself (Redis: {@code expireSlaveKeys} in expire.c).
 *
 * <p>They are known by name: if the primary gives such a key another expiry, or none, that holds. All are forgotten when the
 * data become somebody else's: when the node becomes a primary, or gets its primary's data as a whole. Names lie on the heap
 * and are bounded; beyond that a key stays until somebody overwrites or removes it, hidden from clients as all whose time
 * has come.
 */
public final class OwnExpiries {

    private static final long BYTES_MAX = 16 << 20;
    /** What one name takes beside its bytes, about. */
    private static final long BYTES_EACH = 144;

    private final Keyspace keyspace;
    private final NodeCondition condition;
    private final Set<Name> known = new HashSet<>();
    private final Queue<Name> round = new ArrayDeque<>();
    private long bytes;
    private int era;

    private record Name(int database, int slot, byte[] key) {

        long bytes() {
            return key.length + BYTES_EACH;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Name name && database == name.database && Arrays.equals(key, name.key);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(key) + database;
        }
    }

    OwnExpiries(Keyspace keyspace, NodeCondition condition) {
        this.keyspace = keyspace;
        this.condition = condition;
    }

    /** A client has changed a record of this replica, whose slot's lock is held. */
    void changed(SlotStore store, byte[] key) {
        long record = store.find(key);
        if (record != SlotStore.NONE && store.expiry(record) >= 0) {
            remember(new Name(store.database(), store.slot(), key));
        }
    }

    private synchronized void remember(Name name) {
        forgetOldEra();
        if (bytes + name.bytes() <= BYTES_MAX && known.add(name)) {
            round.add(name);
            bytes += name.bytes();
        }
    }

    private void forgetOldEra() {
        if (era != condition.dataEra()) {
            era = condition.dataEra();
            known.clear();
            round.clear();
            bytes = 0;
        }
    }

    /** How many keys are remembered. */
    public synchronized int size() {
        forgetOldEra();
        return known.size();
    }

    /**
     * Removes those whose time has come, each looked at once, until {@code outOfTime} says so; takes the slots' locks
     * itself. One thread at a time.
     */
    public void step(long nowMs, BooleanSupplier outOfTime) {
        for (int left = size(); left > 0 && !outOfTime.getAsBoolean(); left--) {
            Name name = next();
            if (name == null) {
                return;
            }
            StripeLock lock = keyspace.lock(name.slot());
            lock.lock();
            try {
                settle(name, awaits(name, nowMs));
            } finally {
                lock.unlock();
            }
        }
    }

    private synchronized Name next() {
        forgetOldEra();
        return round.poll();
    }

    /** Whether the key's time is still to come; removes it if it has come. The era is as it was when the lock is held. */
    private boolean awaits(Name name, long nowMs) {
        SlotStore store = keyspace.storeIfPresent(name.database(), name.slot());
        long record = store == null || !remembers(name) ? SlotStore.NONE : store.find(name.key());
        if (record == SlotStore.NONE || store.expiry(record) < 0) {
            return false;
        }
        if (store.expiry(record) >= nowMs || condition.paused()) {
            return true;
        }
        store.expireNow(record, store.hash(record));
        return false;
    }

    private synchronized boolean remembers(Name name) {
        forgetOldEra();
        return known.contains(name);
    }

    private synchronized void settle(Name name, boolean awaits) {
        if (awaits && known.contains(name)) {
            round.add(name);
        } else if (known.remove(name)) {
            bytes -= name.bytes();
        }
    }
}
