package io.granary.node.commands;

import io.granary.node.dispatch.NodeCall;
import io.granary.slots.Slot;
import io.granary.slots.command.Arguments;
import io.granary.slots.command.Errors;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Many small keys made at once, for tests: DEBUG POPULATE. Keys that are there already stay as they are. */
final class DebugPopulation {

    private static final int NUMBER_BYTES_MAX = 32;

    private final NodeCall call;
    private final Keyspace keyspace;
    private final long count;
    private final byte[] prefix;
    private final long valueBytes;

    DebugPopulation(NodeCall call) {
        this.call = call;
        keyspace = call.keyspace();
        count = positive(2);
        prefix = call.argc() == 3 ? new byte[] {'k', 'e', 'y'} : call.request().toBytes(3);
        valueBytes = call.argc() == 5 ? positive(4) : 0;
    }

    private long positive(int argument) {
        long value = Arguments.integer(call.request(), argument, Errors.NOT_POSITIVE);
        if (value < 0) {
            throw Errors.NOT_POSITIVE;
        }
        return value;
    }

    void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(prefix.length + (long) NUMBER_BYTES_MAX);
            MemorySegment value = arena.allocate(Math.max(valueBytes, NUMBER_BYTES_MAX));
            for (long i = 0; i < count; i++) {
                int keyLength = put(key, prefix, i);
                value.fill((byte) 0);
                int text = put(value, new byte[] {'v', 'a', 'l', 'u', 'e'}, i);
                add(key, keyLength, value, valueBytes == 0 ? text : valueBytes);
            }
        }
        call.reply().ok();
    }

    /** Writes {@code name:number}; returns the length. */
    private static int put(MemorySegment target, byte[] name, long number) {
        byte[] digits = (":" + number).getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment.copy(name, 0, target, ValueLayout.JAVA_BYTE, 0, name.length);
        MemorySegment.copy(digits, 0, target, ValueLayout.JAVA_BYTE, name.length, digits.length);
        return name.length + digits.length;
    }

    private void add(MemorySegment key, int keyLength, MemorySegment value, long valueLength) {
        int slot = keyspace.clustered() ? Slot.of(key, 0, keyLength) : 0;
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            SlotStore store = keyspace.store(call.database(), slot);
            long hash = keyspace.hash(key, 0, keyLength);
            if (store.find(key, 0, keyLength, hash) == SlotStore.NONE) {
                int encoding = SlotCall.encodingOf(value, 0, valueLength);
                store.accessClock(
                        store.putString(key, 0, keyLength, hash, value, 0, valueLength, encoding, -1), call.newClock());
                store.touched(key, 0, keyLength);
            }
        } finally {
            lock.unlock();
        }
    }
}
