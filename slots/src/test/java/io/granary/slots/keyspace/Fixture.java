package io.granary.slots.keyspace;

import io.granary.slots.Slot;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A keyspace for tests, spoken to in Strings; what is freed in it is poisoned. */
final class Fixture implements AutoCloseable {

    final Arena arena = Arena.ofShared();
    final MemorySegment scratch = arena.allocate(4 << 20);
    final Keyspace keyspace;
    final boolean clustered;

    Fixture(boolean clustered) {
        this(clustered, 1);
    }

    Fixture(boolean clustered, int databases) {
        this.clustered = clustered;
        NativeMemory memory = NativeMemory.reserve(1L << 30, MemoryOptions.TEST);
        this.keyspace = new Keyspace(memory, new KeyHash(11, 22), databases, clustered, 64);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    int slot(String key) {
        return clustered ? Slot.of(bytes(key)) : 0;
    }

    SlotStore store(String key) {
        return keyspace.store(0, slot(key));
    }

    SlotStore only() {
        return keyspace.store(0, 0);
    }

    /** Copies a key to where the methods below expect it, at an odd address. */
    private int keyIn(String key) {
        byte[] bytes = bytes(key);
        MemorySegment.copy(bytes, 0, scratch, ValueLayout.JAVA_BYTE, 1, bytes.length);
        return bytes.length;
    }

    long hash(String key) {
        return keyspace.hash(scratch, 1, keyIn(key));
    }

    long find(String key) {
        int length = keyIn(key);
        return store(key).find(scratch, 1, length, hash(key));
    }

    boolean has(String key) {
        return find(key) != SlotStore.NONE;
    }

    String get(String key) {
        long record = find(key);
        return record == SlotStore.NONE ? null : text(store(key).value(record));
    }

    long put(String key, String value) {
        return put(0, key, value, -1);
    }

    long put(String key, String value, long expiryMs) {
        return put(0, key, value, expiryMs);
    }

    long put(int database, String key, String value, long expiryMs) {
        byte[] valueBytes = bytes(value);
        long valueOffset = 1 << 20;
        MemorySegment.copy(valueBytes, 0, scratch, ValueLayout.JAVA_BYTE, valueOffset, valueBytes.length);
        int length = keyIn(key);
        return keyspace.store(database, slot(key)).putString(
                scratch, 1, length, hash(key), scratch, valueOffset, valueBytes.length, Encoding.RAW.code, expiryMs);
    }

    boolean remove(String key) {
        long record = find(key);
        if (record == SlotStore.NONE) {
            return false;
        }
        store(key).remove(record, hash(key));
        return true;
    }

    /** A whole scan, {@code between} being run after each call. */
    void scan(int count, Consumer<String> visitor, Runnable between) {
        long cursor = 0;
        do {
            cursor = keyspace.scan(0, cursor, count, -1, (store, record) -> visitor.accept(text(store.key(record))));
            between.run();
        } while (cursor != 0);
    }

    @Override
    public void close() {
        keyspace.close();
        arena.close();
    }
}
