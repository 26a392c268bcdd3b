package io.granary.slots.keyspace;

import static io.granary.slots.keyspace.Layouts.BYTE;

import io.granary.slots.memory.Heap;
import java.lang.foreign.MemorySegment;

/** The records of one store as they are read: what each says of its key, its value, its expiry and its last use. */
abstract sealed class StoredRecords extends SlotTable permits MarkedRecords {

    StoredRecords(Heap heap, KeyHash keyHash) {
        super(heap, keyHash);
    }

    /** The native segment in which all keys and values lie. */
    public final MemorySegment memory() {
        return memory;
    }

    final long header(long record) {
        return RecordLayout.header(memory, record);
    }

    /** As {@link ValueType#code}. */
    public final int type(long record) {
        return RecordLayout.type(header(record));
    }

    /** As {@link Encoding#code}. */
    public final int encoding(long record) {
        return RecordLayout.encoding(header(record));
    }

    public final long valueLength(long record) {
        return RecordLayout.valueLength(memory, record, header(record));
    }

    public final long valueOffset(long record) {
        return RecordLayout.valueOffset(memory, record, header(record));
    }

    public final int keyLength(long record) {
        return RecordLayout.keyLength(memory, record, header(record));
    }

    public final long keyOffset(long record) {
        return RecordLayout.keyOffset(record, header(record));
    }

    /** A copy of the key. */
    public final byte[] key(long record) {
        byte[] copy = new byte[keyLength(record)];
        MemorySegment.copy(memory, BYTE, keyOffset(record), copy, 0, copy.length);
        return copy;
    }

    /** A copy of the value. */
    public final byte[] value(long record) {
        byte[] copy = new byte[Math.toIntExact(valueLength(record))];
        MemorySegment.copy(memory, BYTE, valueOffset(record), copy, 0, copy.length);
        return copy;
    }

    /** Unix time in milliseconds, or -1. */
    public final long expiry(long record) {
        return RecordLayout.expiry(memory, record, header(record));
    }

    /** 24 bits, see {@link AccessClock}. */
    public final int accessClock(long record) {
        return RecordLayout.clock(header(record));
    }

    public final void accessClock(long record, int clock) {
        RecordLayout.clock(memory, record, clock);
    }
}
