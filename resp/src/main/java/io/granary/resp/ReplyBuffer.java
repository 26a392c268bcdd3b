package io.granary.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The bytes of replies on their way to one peer: a first chunk that is used again and again, and pooled chunks behind
 * it when the replies outgrow it. Belongs to one thread.
 *
 * <p>Room is made in one place, {@link #ensure}; everything else writes without asking. A chunk that was handed out
 * leaves no room, so the next write comes through there and takes the chunk back, or leaves it to the taker and opens
 * another.
 */
public final class ReplyBuffer implements AutoCloseable {

    /** The size of a chunk in bytes: what one write to a socket takes at once without waste. */
    public static final int CHUNK_BYTES = 64 * 1024;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort PAIR = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final short LINE_END = '\n' << 8 | '\r';

    private final ByteBufAllocator allocator;
    private final List<ByteBuf> full = new ArrayList<>();
    private long fullBytes;
    /** Null until the first write. */
    private ByteBuf chunk;
    private MemorySegment segment = MemorySegment.NULL;
    private int position;
    private int limit;

    public ReplyBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** Bytes written and not yet taken. */
    public long size() {
        return fullBytes + position;
    }

    /** Whether the first reply of those written and not yet taken, if there is one, is an error. */
    public boolean beginsWithError() {
        return size() > 0 && (full.isEmpty() ? segment.get(BYTE, 0) : full.getFirst().getByte(0)) == '-';
    }

    /** Makes room for {@code bytes} contiguous bytes, at most {@link #CHUNK_BYTES}. */
    void ensure(int bytes) {
        if (limit - position < bytes) {
            nextChunk();
        }
    }

    private void nextChunk() {
        if (position > 0) {
            closeChunk();
        } else if (chunk != null && !takeBack()) {
            chunk.release();
            chunk = null;
        }
        if (chunk == null) {
            chunk = newChunk();
            segment = MemorySegment.ofBuffer(chunk.nioBuffer(0, CHUNK_BYTES));
        }
        position = 0;
        limit = CHUNK_BYTES;
    }

    private void closeChunk() {
        chunk.writerIndex(position);
        full.add(chunk);
        fullBytes += position;
        chunk = null;
        position = 0;
        limit = 0;
    }

    /** Whether the chunk that was handed out is back in our hands alone. */
    private boolean takeBack() {
        if (chunk.refCnt() != 1) {
            return false;
        }
        chunk.clear();
        return true;
    }

    /** Writes one byte; room was made by {@link #ensure}. */
    void put(int b) {
        segment.set(BYTE, position++, (byte) b);
    }

    /** Writes a line end; room was made. */
    void putLineEnd() {
        segment.set(PAIR, position, LINE_END);
        position += 2;
    }

    /** Writes the lowest {@code length} bytes of the word, the lowest first; room for all eight was made. */
    void putWord(long word, int length) {
        segment.set(WORD, position, word);
        position += length;
    }

    /** Writes a decimal integer; room for {@link Decimal#MAX_BYTES} was made. */
    void putDecimal(long value) {
        position = Decimal.write(value, segment, position);
    }

    /** Writes bytes of a native segment; room for all of them was made. */
    void putWhole(MemorySegment source, long offset, int length) {
        MemorySegment.copy(source, offset, segment, position, length);
        position += length;
    }

    /** Appends bytes of a native segment, across chunks if need be. */
    void put(MemorySegment source, long offset, long length) {
        long from = offset;
        long left = length;
        while (left > 0) {
            ensure(1);
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
            ensure(1);
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
        if (mark < 0 || mark > size()) {
            throw new IllegalArgumentException("rewind to " + mark + " of " + size());
        }
        while (mark < fullBytes) {
            if (chunk != null) {
                chunk.release();
            }
            chunk = full.removeLast();
            position = chunk.writerIndex();
            fullBytes -= position;
            segment = MemorySegment.ofBuffer(chunk.nioBuffer(0, CHUNK_BYTES));
            limit = CHUNK_BYTES;
            chunk.clear();
        }
        position = (int) (mark - fullBytes);
    }

    /** Puts a few bytes in front of all that was written since the mark: a header that could not be known before. */
    void insert(long mark, byte[] header) {
        if (mark == size()) {
            put(header, 0, header.length);
            return;
        }
        int from = (int) (mark - fullBytes);
        if (mark >= fullBytes && limit - position >= header.length) {
            MemorySegment.copy(segment, from, segment, from + (long) header.length, position - from);
            MemorySegment.copy(header, 0, segment, BYTE, from, header.length);
            position += header.length;
            return;
        }
        if (position > 0) {
            closeChunk();
        }
        insertIntoFull(mark, header);
    }

    private void insertIntoFull(long mark, byte[] header) {
        int index = 0;
        long left = mark;
        while (left >= full.get(index).writerIndex()) {
            left -= full.get(index).writerIndex();
            index++;
        }
        int from = (int) left;
        ByteBuf split = full.get(index);
        int behind = split.writerIndex() - from;
        int beside = Math.min(behind, CHUNK_BYTES - header.length);
        full.add(index + 1, newChunk().writeBytes(header).writeBytes(split, from, beside));
        if (beside < behind) {
            full.add(index + 2, newChunk().writeBytes(split, from + beside, behind - beside));
        }
        split.writerIndex(from);
        if (from == 0) {
            full.remove(index).release();
        }
        fullBytes += header.length;
    }

    private ByteBuf newChunk() {
        return allocator.directBuffer(CHUNK_BYTES, CHUNK_BYTES);
    }

    /**
     * Hands every chunk with bytes in it to the taker, which releases it, and starts afresh. The last chunk is used again as
     * soon as the taker is done with it, which after a write that the socket took whole is at once.
     */
    public void drain(Consumer<ByteBuf> taker) {
        if (!full.isEmpty()) {
            full.forEach(taker);
            full.clear();
            fullBytes = 0;
        }
        if (position > 0) {
            chunk.writerIndex(position);
            position = 0;
            limit = 0;
            taker.accept(chunk.retain());
        }
    }

    /** Takes the chunk that was handed out back at once if the taker is done with it; the next write would do so anyway. */
    public void reuse() {
        if (chunk != null && limit == 0 && takeBack()) {
            limit = CHUNK_BYTES;
        }
    }

    /** Gives an empty buffer's chunk back to the pool until the next reply, as for a client that has nothing to say. */
    public void idle() {
        if (size() == 0) {
            close();
        }
    }

    /** Frees everything, written or not. */
    @Override
    public void close() {
        full.forEach(ByteBuf::release);
        full.clear();
        fullBytes = 0;
        if (chunk != null) {
            chunk.release();
            chunk = null;
        }
        segment = MemorySegment.NULL;
        position = 0;
        limit = 0;
    }
}
