package io.granary.node.commands;

import io.granary.persistence.rdb.DumpPayload;
import io.granary.slots.keyspace.SlotStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The value of a record as DUMP gives it. */
public final class ValuePayload {

    private ValuePayload() {}

    /**
     * The payload, in memory of the arena's. The slot's lock is held.
     *
     * @param pack whether long strings are packed ({@code rdbcompression})
     */
    public static MemorySegment of(SlotStore store, long record, boolean pack, Arena arena) {
        long length = store.valueLength(record);
        MemorySegment payload = arena.allocate(DumpPayload.bytesMax(length));
        return payload.asSlice(0, DumpPayload.write(store.memory(), store.valueOffset(record), length, pack, payload));
    }
}
