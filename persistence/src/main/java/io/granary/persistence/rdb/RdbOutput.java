package io.granary.persistence.rdb;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Numbers, lengths and strings as the bytes of an RDB, gathered in a buffer on their way to a blocking channel. */
final class RdbOutput implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(BUFFER_BYTES);
    private final NativeBytes large = new NativeBytes();
    private final WritableByteChannel channel;
    private final StringEncoder strings;
    private final boolean sum;
    private long at;
    private long crc;
    private long written;

    RdbOutput(WritableByteChannel channel, boolean pack, boolean sum) {
        this.channel = channel;
        this.sum = sum;
        strings = new StringEncoder(pack);
    }

    /** How many bytes have been written, those in the buffer included. */
    long position() {
        return written + at;
    }

    /** The checksum of all that has been written, or 0 where none is wanted. */
    long checksum() throws IOException {
        flush();
        return crc;
    }

    void unsignedByte(int value) throws IOException {
        room(Byte.BYTES);
        buffer.set(ValueLayout.JAVA_BYTE, at++, (byte) value);
    }

    void littleEndianLong(long value) throws IOException {
        room(Long.BYTES);
        buffer.set(LONG, at, value);
        at += Long.BYTES;
    }

    void length(long length) throws IOException {
        room(StringEncoder.LENGTH_BYTES_MAX);
        at = StringEncoder.writeLength(length, buffer, at);
    }

    void raw(byte[] bytes) throws IOException {
        room(bytes.length);
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, at, bytes.length);
        at += bytes.length;
    }

    void string(MemorySegment bytes, long offset, long length) throws IOException {
        long bound = length + StringEncoder.EXTRA_BYTES_MAX;
        if (bound <= BUFFER_BYTES) {
            room(bound);
            at = strings.write(bytes, offset, length, buffer, at);
            return;
        }
        flush();
        large.clear();
        MemorySegment encoded = large.resize(bound);
        send(encoded, strings.write(bytes, offset, length, encoded, 0));
        large.clear();
    }

    private void room(long bytes) throws IOException {
        if (BUFFER_BYTES - at < bytes) {
            flush();
        }
    }

    void flush() throws IOException {
        send(buffer, at);
        at = 0;
    }

    private void send(MemorySegment bytes, long length) throws IOException {
        if (sum) {
            crc = Crc64.update(crc, bytes, 0, length);
        }
        for (long from = 0; from < length; from += CHUNK_BYTES) {
            ByteBuffer chunk = bytes.asSlice(from, Math.min(CHUNK_BYTES, length - from)).asByteBuffer();
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
        }
        written += length;
    }

    @Override
    public void close() {
        large.close();
        arena.close();
    }
}
