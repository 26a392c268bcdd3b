package io.granary.node.migration;

import io.granary.resp.Request;
import io.granary.slots.Slot;
import io.granary.slots.SlotSet;
import io.granary.slots.command.IntegerText;
import io.granary.slots.keyspace.AccessClock;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;

/**
 * When a key was used last, or how often, as the source of a move tells the target behind the key's value: as in an RDB,
 * only where it evicts by that, and only where a new key would not show the same anyway. A target that evicts by something
 * else has no use for it.
 */
record LastUse(EvictionPolicy policy, int decayMinutes, long nowMs) {

    private static final int UNIT = 4;
    private static final int NUMBER = 5;

    /** The unit of {@link #number}, as RESTORE has it. */
    String unit() {
        return policy.countsFrequency() ? "FREQ" : "IDLETIME";
    }

    /** The seconds since the last use, or the counter of uses; -1 where there is nothing to tell. */
    long number(int accessClock) {
        if (policy.countsFrequency()) {
            int counter = AccessClock.lfuCounter(accessClock, nowMs, decayMinutes);
            return counter == AccessClock.LFU_INITIAL ? -1 : counter;
        }
        long seconds = policy.countsRecency() ? AccessClock.idleMs(accessClock, nowMs) / 1000 : 0;
        return seconds == 0 ? -1 : seconds;
    }

    /**
     * Takes over what {@code CLUSTER SYNCSLOTS USED key unit number} tells of a key that has come; false if it makes no
     * sense.
     */
    boolean take(Request told, SlotSet slots, Keyspace keyspace) {
        if (told.count() != NUMBER + 1 || !IntegerText.is(told.bytes(), told.offset(NUMBER), told.length(NUMBER))) {
            return false;
        }
        long number = IntegerText.parse(told.bytes(), told.offset(NUMBER), told.length(NUMBER));
        int key = told.offset(3);
        int slot = Slot.of(told.bytes(), key, told.length(3));
        if (number < 0 || !slots.contains(slot)) {
            return false;
        }
        if (told.is(UNIT, unit())) {
            set(told, slot, policy.countsFrequency()
                    ? AccessClock.lfu(nowMs, (int) Math.min(255, number))
                    : AccessClock.lru(nowMs - number * 1000), keyspace);
        }
        return true;
    }

    private static void set(Request told, int slot, int clock, Keyspace keyspace) {
        int key = told.offset(3);
        long hash = keyspace.hash(told.bytes(), key, told.length(3));
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            SlotStore store = keyspace.storeIfPresent(0, slot);
            long record = store == null ? SlotStore.NONE : store.find(told.bytes(), key, told.length(3), hash);
            if (record != SlotStore.NONE) {
                store.accessClock(record, clock);
            }
        } finally {
            lock.unlock();
        }
    }
}
