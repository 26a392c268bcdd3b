package io.granary.node.snapshot;

import io.granary.node.Clock;
import io.granary.node.config.Configuration;
import io.granary.node.fault.Faults;
import io.granary.node.log.NodeLog;
import io.granary.node.process.Shutdown;
import io.granary.persistence.rdb.RdbReader;
import io.granary.slots.Slot;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A keyspace with what it takes to write it down and read it back, spoken to in Strings; what is freed is poisoned. */
final class Data implements AutoCloseable {

    static final long NO_EXPIRY = -1;

    final NativeMemory memory = NativeMemory.reserve(1L << 30, MemoryOptions.TEST);
    final Keyspace keyspace;
    final SnapshotServices services;
    /** Knows what was not released. */
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    Data(boolean clustered, String... directives) {
        keyspace = new Keyspace(memory, new KeyHash(11, 22), clustered ? 1 : 4, clustered, clustered ? 64 : 1);
        Configuration configuration = Configuration.of(directives);
        services = new SnapshotServices(keyspace, () -> allocator, () -> EvictionPolicy.NOEVICTION, Clock.SYSTEM,
                new Faults(NodeLog.silent(), Clock.SYSTEM, new Shutdown(), () -> { }), () -> 0, configuration);
    }

    void put(int database, String key, String value, long expiryMs) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] keyBytes = key.getBytes(StandardCharsets.ISO_8859_1);
            byte[] valueBytes = value.getBytes(StandardCharsets.ISO_8859_1);
            MemorySegment k = arena.allocateFrom(ValueLayout.JAVA_BYTE, keyBytes);
            MemorySegment v = arena.allocateFrom(ValueLayout.JAVA_BYTE, valueBytes);
            int slot = keyspace.clustered() ? Slot.of(k, 0, keyBytes.length) : 0;
            var lock = keyspace.lock(slot);
            lock.lock();
            try {
                keyspace.store(database, slot).putString(k, 0, keyBytes.length, keyspace.hash(k, 0, keyBytes.length),
                        v, 0, valueBytes.length, 0, expiryMs);
                keyspace.store(database, slot).touched(k, 0, keyBytes.length);
            } finally {
                lock.unlock();
            }
        }
    }

    /** All keys as {@code database:key until expiry}, with their values. */
    Map<String, String> content() {
        Map<String, String> content = new TreeMap<>();
        for (int database = 0; database < keyspace.databases(); database++) {
            int number = database;
            long cursor = 0;
            do {
                cursor = keyspace.scan(database, cursor, 100, -1, (store, record) ->
                        content.put(name(number, store, record), text(store.value(record))));
            } while (cursor != 0);
        }
        return content;
    }

    private static String name(int database, SlotStore store, long record) {
        return database + ":" + text(store.key(record)) + " until " + store.expiry(record);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Gathers what comes, and remembers how it ended. */
    static class Gathering implements ChunkSink {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean done;
        Throwable failure;

        @Override
        public void chunk(ByteBuf chunk) throws IOException, InterruptedException {
            try {
                chunk.readBytes(bytes, chunk.readableBytes());
            } finally {
                chunk.release();
            }
        }

        @Override
        public void done() {
            done = true;
        }

        @Override
        public void failed(Throwable reason) {
            failure = reason;
        }
    }

    /** The data as an RDB. */
    byte[] rdb() {
        Gathering sink = new Gathering();
        new RdbStream(services, RdbForm.FILE).run(() -> null, sink);
        if (!sink.done) {
            throw new IllegalStateException(sink.failure);
        }
        return sink.bytes.toByteArray();
    }

    /** Loads an RDB in the place of what is there. */
    LoadedRdb load(byte[] rdb) throws IOException {
        try (ShadowLoad load = new ShadowLoad(services, true, (_, _) -> { })) {
            LoadedRdb loaded = load.load(Channels.newChannel(new ByteArrayInputStream(rdb)), RdbReader.UNKNOWN_LENGTH);
            load.swapIn(() -> { });
            return loaded;
        }
    }

    /** Bytes used once all that may be freed is. */
    long usedBytes() {
        while (keyspace.reclaim()) {
            // until there is no more
        }
        return keyspace.usedMemory();
    }

    @Override
    public void close() {
        keyspace.close();
    }
}
