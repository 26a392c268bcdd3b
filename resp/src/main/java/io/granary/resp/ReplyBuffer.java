package io.granary.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The bytes of replies on their way to one peer: a first chunk that is used again and again, and pooled chunks behind
 * it when the replies outgrow it. Belongs to one thread.
 */
public final class ReplyBuffer implements AutoCloseable {

    /** The size of a chunk in bytes: what one write to a socket takes at once without waste. */
    public static final int CHUNK_BYTES = 64 * 1024;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final ByteBufAllocator allocator;
    private final List<ByteBuf> full = new ArrayList<>();
    private long fullBytes;
    private ByteBuf chunk;
    private MemorySegment segment;
    private int position;
    private int limit;

    public ReplyBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
        open(CHUNK_BYTES);
    }

    private void open(int capacity) {
        chunk = allocator.directBuffer(capacity, capacity);
        segment = MemorySegment.ofBuffer(chunk.nioBuffer(0, capacity));
        position = 0;
        limit = capacity;
    }

    /** Bytes written and not yet taken. */
    public long size() {
        return fullBytes + position;
    }

    /** Makes room for {@code bytes} contiguous bytes, at most {@link #CHUNK_BYTES}. */
    void ensure(int bytes) {
        if (limit - position < bytes) {
            chunk.writerIndex(position);
            full.add(chunk);
            fullBytes += position;
            open(CHUNK_BYTES);
        }
    }

    /** Writes one byte; room was made by {@link #ensure}. */
    void put(int b) {
        segment.set(BYTE, position++, (byte) b);
    }

    /** Where the next byte goes in {@link #segment()}. */
    int position() {
        return position;
    }

    void position(int newPosition) {
        position = newPosition;
    }

    MemorySegment segment() {
        return segment;
    }

    /** Appends bytes of a native segment, across chunks if need be. */
    void put(MemorySegment source, long offset, long length) {
        long from = offset;
        long left = length;
        while (left > 0) {
            if (position == limit) {
                ensure(1);
            }
            int part = (int) Math.min(left, limit - position);
            MemorySegment.copy(source, from, segment, position, part);
            position += part;
            from += part;
            left -= part;
        }
    }

    /** Appends bytes of an array, across chunks if need be. */
    void put(byte[] source, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (position == limit) {
                ensure(1);
            }
            int part = Math.min(left, limit - position);
            MemorySegment.copy(source, from, segment, BYTE, position, part);
            position += part;
            from += part;
            left -= part;
        }
    }

    /** A point to come back to with {@link #rewind}: the number of bytes written so far. */
    public long mark() {
        return size();
    }

    /** Forgets everything written after the mark. */
    public void rewind(long mark) {
        while (mark < fullBytes) {
            chunk.release();
            chunk = full.removeLast();
            position = chunk.writerIndex();
            fullBytes -= position;
            limit = chunk.capacity();
            segment = MemorySegment.ofBuffer(chunk.nioBuffer(0, limit));
            chunk.writerIndex(0);
        }
        position = (int) (mark - fullBytes);
    }

    /** Puts bytes in front of all that was written after the mark: a header that could not be known before. */
    public void insert(long mark, byte[] header) {
        int from = (int) (mark - fullBytes);
        if (from >= 0 && limit - position >= header.length) {
            MemorySegment.copy(segment, from, segment, from + (long) header.length, position - from);
            MemorySegment.copy(header, 0, segment, BYTE, from, header.length);
            position += header.length;
            return;
        }
        chunk.writerIndex(position);
        full.add(chunk);
        fullBytes += position;
        open(CHUNK_BYTES);
        full.add(split(mark), allocator.directBuffer(header.length, header.length).writeBytes(header));
        fullBytes += header.length;
    }

    /** Makes the mark a boundary of two full chunks; returns the index of the second. */
    private int split(long mark) {
        int index = 0;
        long left = mark;
        while (left > 0 && left >= full.get(index).writerIndex()) {
            left -= full.get(index).writerIndex();
            index++;
        }
        if (left > 0) {
            ByteBuf whole = full.get(index);
            int length = whole.writerIndex();
            full.set(index, whole.retainedSlice(0, (int) left));
            full.add(index + 1, whole.retainedSlice((int) left, length - (int) left));
            whole.release();
            index++;
        }
        return index;
    }

    /**
     * Hands every chunk with bytes in it to the taker, which releases it, and starts afresh. The last chunk is used again as
     * soon as the taker is done with it, which after a write that the socket took whole is at once.
     */
    public void drain(Consumer<ByteBuf> taker) {
        if (!full.isEmpty()) {
            for (ByteBuf each : full) {
                taker.accept(each);
            }
            full.clear();
            fullBytes = 0;
        }
        if (position > 0) {
            chunk.writerIndex(position);
            taker.accept(chunk.retain());
            position = 0;
        }
    }

    /** Call after the taker's writes have been flushed: takes a new chunk if the last one is still in use. */
    public void reuse() {
        if (chunk.refCnt() == 1) {
            chunk.clear();
        } else {
            int kept = position;
            if (kept != 0) {
                throw new IllegalStateException("a chunk is replaced while " + kept + " bytes wait in it");
            }
            chunk.release();
            open(CHUNK_BYTES);
        }
    }

    @Override
    public void close() {
        full.forEach(ByteBuf::release);
        full.clear();
        chunk.release();
    }
}
