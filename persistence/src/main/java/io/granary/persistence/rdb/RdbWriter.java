package io.granary.persistence.rdb;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Writes one RDB to a file or a stream: {@link #begin}, then for each database {@link #database} and its keys (some of
 * which may follow later, behind {@link #select}), then {@link #end}. For one thread.
 *
 * <p>The version is the caller's to choose. {@link #VERSION} is read by every Redis since 7.2 and every Valkey, as long as
 * no field of a hash expires; strings look the same in every version since {@link #VERSION_MIN}, so for an older reader,
 * such as Redis 7.0 with its 10, a lower number is all it takes.
 */
public final class RdbWriter implements AutoCloseable {

    /** What to write unless there is a reason. */
    public static final int VERSION = 11;

    /** The first version that has all that this class writes, LRU and LFU data being the latest: Redis 5. */
    public static final int VERSION_MIN = 9;

    private static final int VERSION_MAX = 12;
    private static final int WORD_BITS = 64;

    private final RdbOutput out;
    private final int version;

    /**
     * @param pack whether long strings are packed ({@code rdbcompression})
     * @param sum whether there is a checksum ({@code rdbchecksum}); else it is written as 0, which readers do not check
     */
    public RdbWriter(WritableByteChannel channel, int version, boolean pack, boolean sum) {
        if (version < VERSION_MIN || version > VERSION_MAX) {
            throw new IllegalArgumentException("no RDB version from " + VERSION_MIN + " to " + VERSION_MAX + ": " + version);
        }
        this.version = version;
        out = new RdbOutput(channel, pack, sum);
    }

    /** How many bytes there are so far. */
    public long position() {
        return out.position();
    }

    /** Writes the header and the facts about the RDB. */
    public void begin(RdbOrigin origin) throws IOException {
        out.raw(RdbDialect.REDIS.header(version).getBytes(StandardCharsets.US_ASCII));
        auxiliary("redis-ver", origin.redisVersion());
        auxiliary("redis-bits", WORD_BITS);
        auxiliary("ctime", origin.createdUnixSeconds());
        auxiliary("used-mem", origin.usedMemoryBytes());
        RdbOrigin.ReplicationPoint point = origin.replication();
        if (point != null) {
            auxiliary("repl-stream-db", point.database());
            auxiliary("repl-id", point.id());
            auxiliary("repl-offset", point.offset());
        }
        auxiliary("aof-base", origin.aofBase() ? 1 : 0);
    }

    private void auxiliary(String name, long value) throws IOException {
        auxiliary(name, Long.toString(value));
    }

    private void auxiliary(String name, String value) throws IOException {
        out.unsignedByte(RdbFormat.AUX);
        text(name);
        text(value);
    }

    private void text(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        try (Arena arena = Arena.ofConfined()) {
            out.string(arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes), 0, bytes.length);
        }
    }

    /** The keys that follow are of this database, of which more was said before. */
    public void select(int index) throws IOException {
        out.unsignedByte(RdbFormat.SELECT_DB);
        out.length(index);
    }

    /** The keys that follow are of this database: about so many, and so many of them expire. */
    public void database(int index, long keys, long expiring) throws IOException {
        select(index);
        out.unsignedByte(RdbFormat.RESIZE_DB);
        out.length(keys);
        out.length(expiring);
    }

    /** The next key was last accessed so long ago; for a node with an LRU policy. */
    public void idle(long seconds) throws IOException {
        out.unsignedByte(RdbFormat.IDLE);
        out.length(seconds);
    }

    /** The next key has this LFU counter, 0 to 255; for a node with an LFU policy. */
    public void frequency(int counter) throws IOException {
        out.unsignedByte(RdbFormat.FREQ);
        out.unsignedByte(counter);
    }

    /**
     * Writes a key and its string, both in native memory.
     *
     * @param expiryMs unix time, or -1 for none
     */
    public void string(
            MemorySegment key, long keyOffset, long keyLength,
            MemorySegment value, long valueOffset, long valueLength, long expiryMs) throws IOException {
        if (expiryMs != RdbEntry.NONE) {
            out.unsignedByte(RdbFormat.EXPIRE_TIME_MS);
            out.littleEndianLong(expiryMs);
        }
        out.unsignedByte(RdbFormat.TYPE_STRING);
        out.string(key, keyOffset, keyLength);
        out.string(value, valueOffset, valueLength);
    }

    /** Lets all that was written so far go to the channel. */
    public void flush() throws IOException {
        out.flush();
    }

    /** Writes the end and the checksum; all has gone to the channel then. */
    public void end() throws IOException {
        out.unsignedByte(RdbFormat.EOF);
        out.littleEndianLong(out.checksum());
        out.flush();
    }

    /** Gives back the buffers; the channel stays open. */
    @Override
    public void close() {
        out.close();
    }
}
