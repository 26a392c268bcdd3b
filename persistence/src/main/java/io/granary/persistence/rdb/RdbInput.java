package io.granary.persistence.rdb;

import io.granary.slots.command.IntegerText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;

/**
 * The bytes of an RDB as numbers, lengths and strings, read ahead by no more than a buffer.
 *
 * <p>A length that was read proves nothing: a string takes memory as its bytes arrive, and a packed one at most as much as
 * the bytes that did arrive can unpack to.
 */
final class RdbInput implements AutoCloseable {

    static final long UNKNOWN = Long.MAX_VALUE;

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment word = arena.allocate(Long.BYTES);
    private final NativeBytes packed = new NativeBytes();
    /** Null where all bytes are in the buffer from the start. */
    private final ReadableByteChannel channel;
    private final MemorySegment buffer;
    private final ByteBuffer window;
    private final long total;
    private final long stringBytesMax;

    private long at;
    private long end;
    /** How many bytes lie before the buffer's first. */
    private long base;
    private long crc;
    /** Up to where in the buffer the checksum goes. */
    private long summed;

    /** Reads a blocking channel. {@code total} is how many bytes it has, or {@link #UNKNOWN}. */
    RdbInput(ReadableByteChannel channel, long total) {
        this.channel = channel;
        this.total = total;
        stringBytesMax = RdbFormat.STRING_BYTES_MAX;
        buffer = arena.allocate(BUFFER_BYTES);
        window = buffer.asByteBuffer();
    }

    /** Reads {@code length} bytes of a segment. */
    RdbInput(MemorySegment bytes, long offset, long length, long stringBytesMax) {
        channel = null;
        window = null;
        buffer = bytes;
        base = -offset;
        at = offset;
        summed = offset;
        end = offset + length;
        total = length;
        this.stringBytesMax = Math.min(stringBytesMax, RdbFormat.STRING_BYTES_MAX);
    }

    /** How many bytes have been read. */
    long position() {
        return base + at;
    }

    long left() {
        return total - position();
    }

    /** What was read ahead and is not used. */
    byte[] unread() {
        return buffer.asSlice(at, end - at).toArray(BYTE);
    }

    RdbException refusal(String reason) {
        return new RdbException(reason, position());
    }

    /** The checksum of all that has been read. */
    long checksum() {
        crc = Crc64.update(crc, buffer, summed, at - summed);
        summed = at;
        return crc;
    }

    private void refill() throws IOException {
        int read = -1;
        if (channel != null) {
            checksum();
            window.clear();
            read = channel.read(window);
        }
        if (read <= 0) {
            throw refusal("the RDB ends in the middle");
        }
        base += at;
        at = 0;
        summed = 0;
        end = read;
    }

    int unsignedByte() throws IOException {
        if (at == end) {
            refill();
        }
        return buffer.get(BYTE, at++) & 0xFF;
    }

    int littleEndianInt() throws IOException {
        bytes(word, Integer.BYTES);
        return word.get(INT, 0);
    }

    long littleEndianLong() throws IOException {
        bytes(word, Long.BYTES);
        return word.get(LONG, 0);
    }

    private void bytes(MemorySegment into, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            into.set(BYTE, i, (byte) unsignedByte());
        }
    }

    /** A length, or a number that is written as one. */
    long length() throws IOException {
        return length(unsignedByte());
    }

    private long length(int first) throws IOException {
        switch (first >>> 6) {
            case RdbFormat.LENGTH_6_BITS:
                return first & 0x3F;
            case RdbFormat.LENGTH_14_BITS:
                return (first & 0x3F) << 8 | unsignedByte();
            default:
                break;
        }
        if (first == RdbFormat.LENGTH_32_BITS) {
            return Integer.toUnsignedLong(Integer.reverseBytes(littleEndianInt()));
        }
        if (first == RdbFormat.LENGTH_64_BITS) {
            return Long.reverseBytes(littleEndianLong());
        }
        throw refusal("no length begins with byte " + first);
    }

    /** A length of which at most {@code max} makes sense. */
    long length(long max, String what) throws IOException {
        long length = length();
        if (length < 0 || length > max) {
            throw refusal(Long.toUnsignedString(length) + " is too much for " + what);
        }
        return length;
    }

    /** A string, in whichever of the encodings. */
    void string(NativeBytes into) throws IOException {
        int first = unsignedByte();
        if (first >>> 6 != RdbFormat.SPECIAL) {
            bytes(checkedLength(length(first)), into);
            return;
        }
        switch (first & 0x3F) {
            case RdbFormat.INT_8 -> integer((byte) unsignedByte(), into);
            case RdbFormat.INT_16 -> integer((short) (unsignedByte() | unsignedByte() << 8), into);
            case RdbFormat.INT_32 -> integer(littleEndianInt(), into);
            case RdbFormat.LZF -> packed(into);
            default -> throw refusal("no string has encoding " + (first & 0x3F));
        }
    }

    private static void integer(long value, NativeBytes into) {
        into.clear();
        int length = IntegerText.write(value, into.resize(IntegerText.BYTES_MAX));
        into.resize(length);
    }

    private long checkedLength(long length) throws RdbException {
        if (length < 0 || length > stringBytesMax) {
            throw refusal("a string of " + Long.toUnsignedString(length) + " bytes is longer than any may be");
        }
        return length;
    }

    private void bytes(long count, NativeBytes into) throws IOException {
        if (count > left()) {
            throw refusal("a string of " + count + " bytes is longer than the " + left() + " bytes that are left");
        }
        into.clear();
        long rest = count;
        while (rest > 0) {
            if (at == end) {
                refill();
            }
            long chunk = Math.min(rest, end - at);
            into.append(buffer, at, chunk);
            at += chunk;
            rest -= chunk;
        }
    }

    private void packed(NativeBytes into) throws IOException {
        long packedLength = checkedLength(length());
        long length = checkedLength(length());
        if (length > packedLength * Lzf.EXPANSION_MAX) {
            throw refusal(packedLength + " packed bytes cannot give " + length);
        }
        bytes(packedLength, packed);
        into.clear();
        if (!Lzf.unpack(packed.segment(), 0, packedLength, into.resize(length), 0, length)) {
            throw refusal("a packed string is damaged");
        }
        packed.clear();
    }

    @Override
    public void close() {
        packed.close();
        arena.close();
    }
}
