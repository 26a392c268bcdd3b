package io.granary.node.snapshot;

import io.granary.persistence.rdb.NativeBytes;
import io.granary.persistence.rdb.RdbEntry;
import io.granary.persistence.rdb.RdbException;
import io.granary.persistence.rdb.RdbReader;
import io.granary.persistence.rdb.RdbVisitor;
import io.granary.slots.Slot;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.AccessClock;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.Shadow;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.memory.MemoryExhaustedException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.function.BiConsumer;

/**
 * A second set of databases that is filled from an RDB while the first is served, and then takes its place as a whole. For
 * one thread; closed in any case: what was loaded and not swapped in is freed then.
 */
public final class ShadowLoad implements AutoCloseable {

    /** Room is made ahead for no more keys than that, whatever the RDB says: some 30 MB. */
    private static final long EXPECTED_KEYS_MAX = 4 << 20;

    private final SnapshotServices services;
    private final Keyspace keyspace;
    private final boolean keepExpired;
    private final BiConsumer<ShadowLoad, LoadedRdb> onEnd;
    private final Shadow shadow;
    private final long startedMs;
    private final EvictionPolicy policy;
    private final RdbFacts facts = new RdbFacts();
    private final KeyDelay delay;
    /** How many keys a store of each database is likely to hold. */
    private final long[] expected;
    private long keys;
    private long expired;
    private long bytesTotal;
    private volatile CountingChannel source;
    private LoadedRdb loaded;
    private boolean ended;

    /** @param onEnd told once, when the data was swapped in, or (then of null) is not wanted any more */
    ShadowLoad(SnapshotServices services, boolean keepExpired, BiConsumer<ShadowLoad, LoadedRdb> onEnd) {
        this.services = services;
        this.keepExpired = keepExpired;
        this.onEnd = onEnd;
        keyspace = services.keyspace();
        shadow = keyspace.shadow();
        expected = new long[keyspace.databases()];
        startedMs = services.clock().unixMs();
        policy = services.policy();
        delay = services.loadDelay();
    }

    /**
     * Reads one RDB into the second set, and blocks meanwhile. The data that is served stays as it is, whatever happens.
     *
     * @param channel blocking; it is not closed
     * @param bytes how many the source has, or {@link RdbReader#UNKNOWN_LENGTH}
     * @throws RdbException with the reason why it is no RDB for this node
     * @throws IOException of the source
     */
    public LoadedRdb load(ReadableByteChannel channel, long bytes) throws IOException {
        bytesTotal = bytes == RdbReader.UNKNOWN_LENGTH ? 0 : bytes;
        source = new CountingChannel(channel);
        try (RdbReader reader = new RdbReader(source, bytes, services.sums(), keyspace.databases())) {
            reader.read(new Filling(reader));
            loaded = new LoadedRdb(
                    keys, expired, facts.replication(), facts.producer(), reader.position(), reader.unread());
            return loaded;
        } catch (MemoryExhaustedException _) {
            throw new IOException("the data does not fit into the memory of this node");
        }
    }

    /** Puts what the RDB holds where the reader has got to it. */
    private final class Filling implements RdbVisitor {

        private final RdbReader reader;

        Filling(RdbReader reader) {
            this.reader = reader;
        }

        @Override
        public void string(RdbEntry entry) throws IOException {
            delay.pause();
            boolean over = entry.expiryMs() != RdbEntry.NONE && entry.expiryMs() < startedMs && !keepExpired;
            if (over) {
                expired++;
            } else {
                keys++;
            }
            // replicas that may go on from what the RDB shows have to hear of the end of each key
            if ((!over || facts.replication() != null) && !put(entry)) {
                throw new RdbException("this RDB holds a key of database " + entry.database() + " twice", reader.position());
            }
        }

        @Override
        public void sizes(int database, long count, long expiring) {
            // a node may own few of the slots: then they hold more than that, and grow from there
            expected[database] = Math.min(count, EXPECTED_KEYS_MAX) / keyspace.slots();
        }

        @Override
        public void auxiliary(String name, NativeBytes value) {
            facts.add(name, value);
        }
    }

    /** Returns whether the key was not there yet. */
    private boolean put(RdbEntry entry) {
        var key = entry.key().segment();
        int keyLength = (int) entry.key().length();
        var value = entry.value().segment();
        long valueLength = entry.value().length();
        SlotStore store = shadow.store(entry.database(), keyspace.clustered() ? Slot.of(key, 0, keyLength) : 0);
        long hash = keyspace.hash(key, 0, keyLength);
        if (store.find(key, 0, keyLength, hash) != SlotStore.NONE) {
            return false;
        }
        store.expect(expected[entry.database()]);
        int encoding = SlotCall.encodingOf(value, 0, valueLength);
        long record = store.insertString(key, 0, keyLength, hash, value, 0, valueLength, encoding, entry.expiryMs());
        store.accessClock(record, accessClock(entry));
        return true;
    }

    /** As far as the policy of the writer was that of the reader, each key keeps its age. */
    private int accessClock(RdbEntry entry) {
        if (policy.countsFrequency()) {
            return entry.frequency() == RdbEntry.NONE
                    ? AccessClock.lfu(startedMs) : AccessClock.lfu(startedMs, entry.frequency());
        }
        return AccessClock.lru(startedMs - Math.max(0, entry.idleSeconds()) * 1000);
    }

    /** When the load began, in unix time. */
    long startedMs() {
        return startedMs;
    }

    /** The length of the RDB; 0 where nobody knows. */
    long bytesTotal() {
        return bytesTotal;
    }

    /** How many bytes were read so far. */
    long bytesDone() {
        CountingChannel now = source;
        return now == null ? 0 : now.bytes();
    }

    /**
     * Puts the loaded data in the place of the old, which is freed bit by bit afterwards; takes milliseconds.
     *
     * @param atTheSwap run with all slots locked, between the last command on the old data and the first on the new
     */
    public void swapIn(Runnable atTheSwap) {
        keyspace.lockAll();
        try {
            keyspace.replaceBy(shadow, services.clock().unixMs());
            ended = true;
            atTheSwap.run();
        } finally {
            keyspace.unlockAll();
        }
        onEnd.accept(this, loaded);
    }

    /**
     * Adds the loaded data to the data that is there; all slots are locked.
     *
     * @param replacing whether keys that are there already are replaced; else nothing is added if there is one
     */
    void mergeIn(boolean replacing) throws IOException {
        if (!replacing) {
            boolean[] twice = new boolean[1];
            shadow.forEach((from, record) -> twice[0] |= present(from, record) != SlotStore.NONE);
            if (twice[0]) {
                throw new IOException("the RDB holds a key that is there already");
            }
        }
        shadow.forEach(this::mergeIn);
        onEnd.accept(this, loaded);
    }

    private long present(SlotStore from, long record) {
        return keyspace.store(from.database(), from.slot())
                .find(from.memory(), from.keyOffset(record), from.keyLength(record), from.hash(record));
    }

    private void mergeIn(SlotStore from, long record) {
        SlotStore to = keyspace.store(from.database(), from.slot());
        long merged = to.putString(
                from.memory(), from.keyOffset(record), from.keyLength(record), from.hash(record),
                from.memory(), from.valueOffset(record), from.valueLength(record), from.encoding(record),
                from.expiry(record));
        to.accessClock(merged, from.accessClock(record));
        to.touched(from.memory(), from.keyOffset(record), from.keyLength(record));
    }

    @Override
    public void close() {
        if (!ended) {
            ended = true;
            shadow.discard();
            onEnd.accept(this, null);
        }
    }
}
