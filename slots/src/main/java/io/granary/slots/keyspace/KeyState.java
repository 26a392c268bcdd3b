package io.granary.slots.keyspace;

import java.lang.foreign.MemorySegment;

/** What a key name stands for at a moment. */
public enum KeyState {
    /** No record has that name. */
    ABSENT,
    /** A record has it whose time has come and that nobody has removed yet: for clients the same as none. */
    EXPIRED,
    /** A record has it. */
    LIVE;

    /** The state of a name in a store whose lock is held. */
    public static KeyState of(SlotStore store, byte[] key, long nowMs) {
        return of(store, store.find(key), nowMs);
    }

    /** As the other, of a name in native memory. */
    public static KeyState of(SlotStore store, MemorySegment bytes, long offset, int length, long nowMs) {
        return of(store, store.find(bytes, offset, length), nowMs);
    }

    private static KeyState of(SlotStore store, long record, long nowMs) {
        if (record == SlotStore.NONE) {
            return ABSENT;
        }
        long expiry = store.expiry(record);
        return expiry >= 0 && expiry < nowMs ? EXPIRED : LIVE;
    }
}
