package io.granary.persistence.rdb;

/** One key of an RDB with its string, as a visitor sees it until it returns: the same instance comes again for the next. */
public final class RdbEntry {

    /** What a number is that the RDB does not give. */
    public static final int NONE = -1;

    final NativeBytes key = new NativeBytes();
    final NativeBytes value = new NativeBytes();
    int database;
    long expiryMs = NONE;
    long idleSeconds = NONE;
    int frequency = NONE;

    RdbEntry() {}

    /** Forgets what belongs to one key only. */
    void next() {
        expiryMs = NONE;
        idleSeconds = NONE;
        frequency = NONE;
    }

    void close() {
        key.close();
        value.close();
    }

    public int database() {
        return database;
    }

    public NativeBytes key() {
        return key;
    }

    public NativeBytes value() {
        return value;
    }

    /** Unix time, perhaps past, or {@link #NONE}. */
    public long expiryMs() {
        return expiryMs;
    }

    /** Seconds since the last access, or {@link #NONE}: only of a writer with an LRU policy. */
    public long idleSeconds() {
        return idleSeconds;
    }

    /** The LFU counter, 0 to 255, or {@link #NONE}: only of a writer with an LFU policy. */
    public int frequency() {
        return frequency;
    }
}
