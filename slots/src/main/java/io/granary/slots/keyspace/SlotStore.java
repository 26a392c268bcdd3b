package io.granary.slots.keyspace;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/** The keys of one slot in one database. The caller holds the slot's lock for every method unless it says otherwise. */
public final class SlotStore {

    /** No record. */
    public static final long NONE = 0;

    SlotStore() {}

    public int database() {
        throw new UnsupportedOperationException();
    }

    public int slot() {
        throw new UnsupportedOperationException();
    }

    /** The record of a key, expired or not, or {@link #NONE}. */
    public long find(MemorySegment key, long offset, int length, long hash) {
        throw new UnsupportedOperationException();
    }

    /** As {@link ValueType#code}. */
    public int type(long record) {
        throw new UnsupportedOperationException();
    }

    /** As {@link Encoding#code}. */
    public int encoding(long record) {
        throw new UnsupportedOperationException();
    }

    /** Changes only how OBJECT ENCODING names a string. */
    public void encoding(long record, int encoding) {
        throw new UnsupportedOperationException();
    }

    public long valueLength(long record) {
        throw new UnsupportedOperationException();
    }

    /** The native segment in which all keys and values lie. */
    public MemorySegment memory() {
        throw new UnsupportedOperationException();
    }

    public long valueOffset(long record) {
        throw new UnsupportedOperationException();
    }

    public int keyLength(long record) {
        throw new UnsupportedOperationException();
    }

    public long keyOffset(long record) {
        throw new UnsupportedOperationException();
    }

    /** A copy of the key. */
    public byte[] key(long record) {
        throw new UnsupportedOperationException();
    }

    /** A copy of the value. */
    public byte[] value(long record) {
        throw new UnsupportedOperationException();
    }

    /** The keyed hash of a record's key. */
    public long hash(long record) {
        throw new UnsupportedOperationException();
    }

    /** Unix time in milliseconds, or -1. */
    public long expiry(long record) {
        throw new UnsupportedOperationException();
    }

    /**
     * Inserts or overwrites (in place where it fits). A new record's access clock is 0, an overwritten one keeps its.
     * The value may lie in another record, not in the one overwritten.
     *
     * @param expiryMs unix time, or -1 for none
     */
    public long putString(
            MemorySegment key, long keyOffset, int keyLength, long hash,
            MemorySegment value, long valueOffset, long valueLength, int encoding, long expiryMs) {
        throw new UnsupportedOperationException();
    }

    /** Overwrites a record that was found with a string; it may move. Otherwise as {@link #putString}. */
    public long overwriteString(
            long record, long hash,
            MemorySegment value, long valueOffset, long valueLength, int encoding, long expiryMs) {
        throw new UnsupportedOperationException();
    }

    /** Sets or (-1) removes the expiry; the record may move. */
    public long setExpiry(long record, long hash, long expiryMs) {
        throw new UnsupportedOperationException();
    }

    /** Changes the value's length, keeping its beginning and filling up with zeros; the record may move. */
    public long resize(long record, long hash, long newValueLength, int encoding) {
        throw new UnsupportedOperationException();
    }

    /** Removes a record and frees it. */
    public void remove(long record, long hash) {
        throw new UnsupportedOperationException();
    }

    /** 24 bits, see {@link AccessClock}. */
    public int accessClock(long record) {
        throw new UnsupportedOperationException();
    }

    public void accessClock(long record, int clock) {
        throw new UnsupportedOperationException();
    }

    /** Visits about {@code count} records from {@code cursor} on (0 begins); returns the next cursor, 0 at the end. */
    public long scan(long cursor, int count, RecordVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** A fair random record, or {@link #NONE}. */
    public long random(RandomGenerator random) {
        throw new UnsupportedOperationException();
    }

    public long size() {
        throw new UnsupportedOperationException();
    }

    public long expiring() {
        throw new UnsupportedOperationException();
    }

    /** Goes on looking for expired records, at most {@code budget} with an expiry, and removes them; returns how many. */
    public int expire(long nowMs, int budget, RecordVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** Reads the line of the table where a hash is at home; safe without the lock. The result is only to be summed up. */
    public long touchTable(long hash) {
        throw new UnsupportedOperationException();
    }

    /** Reads the first line of the record that a hash probably has; safe without the lock. */
    public long touchRecord(long hash) {
        throw new UnsupportedOperationException();
    }

    /** Counts a read that found its key. */
    public void hit() {
        throw new UnsupportedOperationException();
    }

    /** Counts a read that did not. */
    public void miss() {
        throw new UnsupportedOperationException();
    }

    /** Removes a record that has expired, counting it and telling whoever watches it. */
    public void expireNow(long record, long hash) {
        throw new UnsupportedOperationException();
    }

    /** Bytes that a record takes, its share of the table included (MEMORY USAGE). */
    public long memoryUsage(long record) {
        throw new UnsupportedOperationException();
    }

    /** Tells the watchers of a key that it has changed. */
    public void touched(MemorySegment key, long offset, int length) {
        throw new UnsupportedOperationException();
    }

    public void watch(byte[] key, Watcher watcher) {
        throw new UnsupportedOperationException();
    }

    public void unwatch(byte[] key, Watcher watcher) {
        throw new UnsupportedOperationException();
    }

    /** Removes all keys, telling those who watch one of them; returns how many. */
    public long clear() {
        throw new UnsupportedOperationException();
    }
}
