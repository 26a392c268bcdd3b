package io.granary.persistence.rdb;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One value as DUMP gives it and RESTORE takes it: its type, its body as in an RDB, the RDB version in two bytes and a
 * checksum in eight, both little-endian.
 *
 * <p>A reader refuses a version later than its own, so a payload of ours carries the lowest that can express the value, not
 * the one of our files: strings are the same since version 6, the first in which Redis had DUMP, and any Redis and any
 * Valkey takes them. Versions up to 12 are read, and Valkey 9's 80 and 81.
 *
 * <p>Unlike Redis, which looks at no byte behind the value, a payload with bytes between value and version is refused: it is
 * not what its sender meant.
 */
public final class DumpPayload {

    private static final int VERSION_OF_STRINGS = 6;
    /** The first in which Redis had functions. */
    private static final int VERSION_OF_FUNCTIONS = 10;
    private static final int FOOTER_BYTES = Short.BYTES + RdbFormat.CHECKSUM_BYTES;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private DumpPayload() {}

    /** How much room the payload of a string of this length takes at most. */
    public static long bytesMax(long length) {
        return 1 + length + StringEncoder.EXTRA_BYTES_MAX + FOOTER_BYTES;
    }

    /**
     * Writes the payload of a string.
     *
     * @param pack whether a long string is packed ({@code rdbcompression})
     * @param out of at least {@link #bytesMax} bytes; the payload begins at its first
     * @return the payload's length
     */
    public static long write(MemorySegment bytes, long offset, long length, boolean pack, MemorySegment out) {
        out.set(BYTE, 0, (byte) RdbFormat.TYPE_STRING);
        long at = new StringEncoder(pack).write(bytes, offset, length, out, 1);
        out.set(SHORT, at, (short) VERSION_OF_STRINGS);
        at += Short.BYTES;
        out.set(LONG, at, Crc64.update(0, out, 0, at));
        return at + RdbFormat.CHECKSUM_BYTES;
    }

    /** The payload of FUNCTION DUMP where there are no libraries: a version and a checksum, as redis-server 7.0 has them. */
    public static byte[] ofNoFunctions() {
        byte[] payload = new byte[FOOTER_BYTES];
        MemorySegment out = MemorySegment.ofArray(payload);
        out.set(SHORT, 0, (short) VERSION_OF_FUNCTIONS);
        out.set(LONG, Short.BYTES, Crc64.update(0, out, 0, Short.BYTES));
        return payload;
    }

    /** Whether the bytes end as a payload does: with a version that is read here and the right checksum. */
    public static boolean isIntact(MemorySegment bytes, long offset, long length) {
        if (length < FOOTER_BYTES) {
            return false;
        }
        long summed = length - RdbFormat.CHECKSUM_BYTES;
        int version = bytes.get(SHORT, offset + summed - Short.BYTES) & 0xFFFF;
        return (version <= RdbDialect.REDIS.newest() || RdbDialect.VALKEY.reads(version))
                && bytes.get(LONG, offset + summed) == Crc64.update(0, bytes, offset, summed);
    }

    /**
     * Reads the string of a payload that {@link #isIntact}.
     *
     * @param stringBytesMax a longer string is refused before it takes memory
     * @throws RdbException if it holds no string, or none that can be read
     */
    public static NativeBytes readString(MemorySegment bytes, long offset, long length, long stringBytesMax)
            throws RdbException {
        int version = bytes.get(SHORT, offset + length - FOOTER_BYTES) & 0xFFFF;
        RdbDialect dialect = RdbDialect.VALKEY.reads(version) ? RdbDialect.VALKEY : RdbDialect.REDIS;
        NativeBytes value = new NativeBytes();
        try (RdbInput in = new RdbInput(bytes, offset, length - FOOTER_BYTES, stringBytesMax)) {
            int type = in.unsignedByte();
            if (type != RdbFormat.TYPE_STRING) {
                throw refusal(dialect.typeName(type), type, in.position());
            }
            in.string(value);
            if (in.left() != 0) {
                throw in.refusal("there are bytes behind the value");
            }
            return value;
        } catch (IOException e) {
            value.close();
            throw e instanceof RdbException refusal ? refusal : new RdbException(e.toString(), 0);
        }
    }

    private static RdbException refusal(String typeName, int type, long offset) {
        return typeName == null
                ? new RdbException("the payload holds the unknown type " + type, offset)
                : RdbException.ofMissingType("the payload holds a " + typeName, offset);
    }
}
