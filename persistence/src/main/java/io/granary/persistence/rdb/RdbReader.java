package io.granary.persistence.rdb;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/**
 * Reads one RDB from a file or a stream, key by key. Versions 5 to 12 of Redis, and 80 and 81 of Valkey; a value of a type
 * that this version does not have is refused with its name and its key, since to skip it would lose it in silence.
 *
 * <p>The reader may read ahead of the RDB's end by a buffer: {@link #unread()} gives that back. For one thread.
 */
public final class RdbReader implements AutoCloseable {

    /** For a stream whose length nobody knows. */
    public static final long UNKNOWN_LENGTH = RdbInput.UNKNOWN;

    private static final int NAME_BYTES_MAX = 1024;
    private static final int SHOWN_KEY_CHARS_MAX = 128;
    private static final int SECOND_MS = 1000;

    private final RdbInput in;
    private final boolean verify;
    private final int databases;
    private final RdbEntry entry = new RdbEntry();
    private final NativeBytes text = new NativeBytes();
    private RdbDialect dialect;
    private int version;

    /**
     * @param source blocking
     * @param bytes how many the source has, or {@link #UNKNOWN_LENGTH}
     * @param verify whether a wrong checksum is refused ({@code rdbchecksum})
     * @param databases how many there are to put keys into
     */
    public RdbReader(ReadableByteChannel source, long bytes, boolean verify, int databases) {
        in = new RdbInput(source, bytes);
        this.verify = verify;
        this.databases = databases;
    }

    /**
     * Reads all, up to the checksum and no further.
     *
     * @throws RdbException for whatever is wrong with the RDB; the visitor may have seen a part of it by then
     * @throws IOException of the source
     */
    public void read(RdbVisitor visitor) throws IOException {
        header();
        while (true) {
            int opcode = in.unsignedByte();
            if (opcode == RdbFormat.EOF) {
                break;
            }
            if (!ofKey(opcode) && !aside(opcode, visitor)) {
                value(opcode, visitor);
            }
        }
        checksum();
    }

    /** Instead of {@link #read}: reads only what the RDB says of itself at its beginning. */
    public void readFacts(BiConsumer<String, NativeBytes> facts) throws IOException {
        header();
        while (in.unsignedByte() == RdbFormat.AUX) {
            String name = name();
            in.string(text);
            facts.accept(name, text);
        }
    }

    /** Whose RDB it is; known when reading has begun. */
    public RdbDialect dialect() {
        return dialect;
    }

    /** Known when reading has begun. */
    public int version() {
        return version;
    }

    /** How many bytes of the source were the RDB's, so far. */
    public long position() {
        return in.position();
    }

    /** What was read from the source and lies behind the RDB. */
    public byte[] unread() {
        return in.unread();
    }

    private void header() throws IOException {
        byte[] first = new byte[RdbDialect.HEADER_BYTES];
        for (int i = 0; i < first.length; i++) {
            first[i] = (byte) in.unsignedByte();
        }
        String header = new String(first, StandardCharsets.ISO_8859_1);
        dialect = RdbDialect.ofHeader(header);
        if (dialect == null) {
            throw in.refusal("this is no RDB: its first bytes are neither REDIS nor VALKEY");
        }
        version = dialect.version(header);
        if (!dialect.reads(version)) {
            throw in.refusal("this version does not read " + (version < 0 ? "such an RDB" : "RDB version " + version));
        }
    }

    /** Reads what goes before a key and belongs to it; returns whether it was that. */
    private boolean ofKey(int opcode) throws IOException {
        switch (opcode) {
            case RdbFormat.EXPIRE_TIME -> expiry((long) in.littleEndianInt() * SECOND_MS);
            case RdbFormat.EXPIRE_TIME_MS -> expiry(in.littleEndianLong());
            case RdbFormat.IDLE -> entry.idleSeconds = in.length(Long.MAX_VALUE, "an idle time");
            case RdbFormat.FREQ -> entry.frequency = in.unsignedByte();
            default -> {
                return false;
            }
        }
        return true;
    }

    /** As Redis, -1 is no expiry, and a time before 1970 is one that has passed. */
    private void expiry(long unixMs) {
        entry.expiryMs = unixMs == RdbEntry.NONE ? RdbEntry.NONE : Math.max(0, unixMs);
    }

    /** Reads what belongs to no key; returns whether it was that. */
    private boolean aside(int opcode, RdbVisitor visitor) throws IOException {
        switch (opcode) {
            case RdbFormat.SELECT_DB -> entry.database = (int) in.length(databases - 1L, "the index of a database here");
            case RdbFormat.RESIZE_DB -> {
                long keys = in.length(Long.MAX_VALUE, "a number of keys");
                visitor.sizes(entry.database, keys, in.length(keys, "the number of expiring keys"));
            }
            case RdbFormat.SLOT_INFO -> {
                in.length();
                in.length();
                in.length();
            }
            case RdbFormat.AUX -> {
                String name = name();
                in.string(text);
                visitor.auxiliary(name, text);
            }
            case RdbFormat.FUNCTION -> {
                in.string(text);
                visitor.function(text);
            }
            case RdbFormat.MODULE_AUX -> visitor.moduleData(ModuleData.skip(in, text));
            case RdbFormat.FUNCTION_PRE_GA -> throw in.refusal("this RDB holds functions of a preview of Redis 7");
            case RdbFormat.SLOT_IMPORT -> throw in.refusal(
                    "this RDB holds a slot that was being imported, or metadata of keys, which this version does not have");
            default -> {
                return false;
            }
        }
        return true;
    }

    private String name() throws IOException {
        in.string(text);
        if (text.length() > NAME_BYTES_MAX) {
            throw in.refusal("a name of " + text.length() + " bytes is too long");
        }
        return text.text(NAME_BYTES_MAX);
    }

    private void value(int type, RdbVisitor visitor) throws IOException {
        String typeName = dialect.typeName(type);
        if (typeName == null) {
            throw in.refusal("this RDB holds something of the unknown type " + type);
        }
        in.string(entry.key);
        if (type != RdbFormat.TYPE_STRING) {
            throw RdbException.ofMissingType(
                    "this RDB holds a " + typeName + " at key '" + shownKey() + "'", in.position());
        }
        in.string(entry.value);
        visitor.string(entry);
        entry.next();
    }

    /** The key as a log can show it: not too long, and no byte that would do something to a terminal. */
    private String shownKey() {
        String key = entry.key.text(SHOWN_KEY_CHARS_MAX).replaceAll("[^ -~]", "?");
        return entry.key.length() > SHOWN_KEY_CHARS_MAX ? key + "..." : key;
    }

    private void checksum() throws IOException {
        long computed = in.checksum();
        long written = in.littleEndianLong();
        if (verify && written != 0 && written != computed) {
            throw in.refusal("RDB CRC error, the checksum is wrong: the RDB has " + Long.toHexString(written)
                    + ", its content " + Long.toHexString(computed));
        }
    }

    @Override
    public void close() {
        in.close();
        entry.close();
        text.close();
    }
}
