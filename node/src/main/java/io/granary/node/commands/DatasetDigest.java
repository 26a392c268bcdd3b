package io.granary.node.commands;

import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The digest of all data, or of one value, that DEBUG answers with: equal on servers that hold equal data, Redis among
 * them.
 *
 * <p>What has no order is combined by exclusive or, what has one is mixed in: {@code digest = SHA1(digest ^ SHA1(bytes))}.
 * That a key expires counts, but not when. As Redis, debug.c.
 */
final class DatasetDigest {

    private static final int BYTES = 20;
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final int NO_EXPIRY = -1;
    private static final byte[] EXPIRES = {'!', '!', 'e', 'x', 'p', 'i', 'r', 'e', '!', '!'};

    private final MessageDigest sha1;
    private final byte[] hash = new byte[BYTES];
    private final byte[] ofKey = new byte[BYTES];
    private final byte[] word = new byte[Integer.BYTES];
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private final byte[] all = new byte[BYTES];

    DatasetDigest() {
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of a keyspace of which all locks are held. */
    String of(Keyspace keyspace) {
        for (int database = 0; database < keyspace.databases(); database++) {
            if (keyspace.size(database) > 0) {
                mix(all, database);
                for (int slot = 0; slot < keyspace.slots(); slot++) {
                    SlotStore store = keyspace.storeIfPresent(database, slot);
                    if (store != null && store.size() > 0) {
                        add(store);
                    }
                }
            }
        }
        return HexFormat.of().formatHex(all);
    }

    private void add(SlotStore store) {
        long cursor = 0;
        do {
            cursor = store.scan(cursor, Integer.MAX_VALUE, record -> add(store, record));
        } while (cursor != 0);
    }

    private void add(SlotStore store, long record) {
        Arrays.fill(ofKey, (byte) 0);
        mix(ofKey, store.memory(), store.keyOffset(record), store.keyLength(record));
        addValue(store, record);
        sha1.update(ofKey);
        combine(all);
    }

    /** Of a value whose slot is locked, whether its time has come or not; of none if it is not there. */
    String ofValue(SlotStore store, long record) {
        Arrays.fill(ofKey, (byte) 0);
        if (record != SlotStore.NONE) {
            addValue(store, record);
        }
        return HexFormat.of().formatHex(ofKey);
    }

    private void addValue(SlotStore store, long record) {
        mix(ofKey, store.type(record));
        mix(ofKey, store.memory(), store.valueOffset(record), store.valueLength(record));
        if (store.expiry(record) != NO_EXPIRY) {
            sha1.update(EXPIRES);
            combine(ofKey);
        }
    }

    private void mix(byte[] digest, int number) {
        ByteBuffer.wrap(word).putInt(number);
        sha1.update(word);
        mixUpdated(digest);
    }

    private void mix(byte[] digest, MemorySegment memory, long offset, long length) {
        for (long from = 0; from < length; from += CHUNK_BYTES) {
            int part = (int) Math.min(CHUNK_BYTES, length - from);
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset + from, chunk, 0, part);
            sha1.update(chunk, 0, part);
        }
        mixUpdated(digest);
    }

    private void mixUpdated(byte[] digest) {
        combine(digest);
        sha1.update(digest);
        finish();
        System.arraycopy(hash, 0, digest, 0, BYTES);
    }

    /** Combines a digest with the hash of what was handed over last. */
    private void combine(byte[] digest) {
        finish();
        for (int i = 0; i < BYTES; i++) {
            digest[i] ^= hash[i];
        }
    }

    private void finish() {
        try {
            sha1.digest(hash, 0, BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }
}
