package io.granary.slots.keyspace;

import io.granary.slots.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/** Everything a node stores. */
public final class Keyspace implements AutoCloseable {

    public Keyspace(NativeMemory memory, KeyHash hash, int databases, boolean clustered, int stripes) {
        throw new UnsupportedOperationException();
    }

    /** The keyed hash of a key, never 0. */
    public long hash(MemorySegment key, long offset, int length) {
        throw new UnsupportedOperationException();
    }

    public int databases() {
        throw new UnsupportedOperationException();
    }

    public boolean clustered() {
        throw new UnsupportedOperationException();
    }

    /** 16384 when clustered, else 1. */
    public int slots() {
        throw new UnsupportedOperationException();
    }

    /** The store of a slot, made on first use. */
    public SlotStore store(int database, int slot) {
        throw new UnsupportedOperationException();
    }

    /** The store of a slot, or null if it never held anything. */
    public SlotStore storeIfPresent(int database, int slot) {
        throw new UnsupportedOperationException();
    }

    public StripeLock lock(int slot) {
        throw new UnsupportedOperationException();
    }

    public int stripes() {
        throw new UnsupportedOperationException();
    }

    public StripeLock stripe(int index) {
        throw new UnsupportedOperationException();
    }

    /** Bytes allocated for data, exact. */
    public long usedMemory() {
        throw new UnsupportedOperationException();
    }

    /** Keys of a database, expired ones that were not removed yet among them. */
    public long size(int database) {
        throw new UnsupportedOperationException();
    }

    /** Keys of a database that have an expiry. */
    public long expiring(int database) {
        throw new UnsupportedOperationException();
    }

    /** Exchanges two databases; all locks are held. */
    public void swap(int first, int second) {
        throw new UnsupportedOperationException();
    }

    /** Removes all keys of a database, or of all when -1; takes the locks itself. Returns the number of keys removed. */
    public long flush(int database) {
        throw new UnsupportedOperationException();
    }

    /** SCAN; takes the locks itself. 0 begins; returns the next cursor (unsigned), 0 at the end. */
    public long scan(int database, long cursor, int count, int onlySlot, StoreVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** Shows a fair random record with its slot's lock held; false if the database is empty. */
    public boolean random(int database, RandomGenerator random, StoreVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    public KeyspaceStats stats() {
        throw new UnsupportedOperationException();
    }

    /** A bounded step of freeing what was flushed; true while there is more to do. */
    public boolean reclaim() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
