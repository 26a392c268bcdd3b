package io.granary.node.client;

import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.lang.foreign.MemorySegment;

/**
 * The two buffers of one event loop: every connection of the loop reads into the same input buffer and writes its replies
 * into the same reply buffer, one after the other. A read is consumed before the next one begins, so nothing is allocated
 * for it; what a connection cannot use at once it keeps in an {@link InputBuffer} of its own.
 *
 * <p>A transport that has reads of several connections under way at once ({@link Transport#readsAhead}) must not be given
 * the input buffer: its own buffers are copied into it one by one.
 */
public final class LoopBuffers implements RecvByteBufAllocator, AutoCloseable {

    /** What one read takes from a socket at the most, in bytes. */
    static final int READ_BYTES = 64 * 1024;

    /** Full reads from one socket in a row, before the loop's other sockets get their turn. */
    private static final int READS_IN_A_ROW = 16;

    private final ByteBuf input;
    private final MemorySegment inputSegment;
    private final ReplyBuffer replies;
    private final ReplyWriter writer;

    public LoopBuffers(ByteBufAllocator allocator) {
        input = allocator.directBuffer(READ_BYTES, READ_BYTES);
        inputSegment = MemorySegment.ofBuffer(input.nioBuffer(0, READ_BYTES));
        replies = new ReplyBuffer(allocator);
        writer = new ReplyWriter(replies);
    }

    /** Where in {@link #segmentOf} the unread bytes of a read will begin. */
    int indexOf(ByteBuf read) {
        return read == input ? read.readerIndex() : 0;
    }

    /** The bytes of a read, from the beginning of the segment on, until the next read. */
    MemorySegment segmentOf(ByteBuf read) {
        if (read != input) {
            input.clear().writeBytes(read);
        }
        return inputSegment;
    }

    public ReplyBuffer replies() {
        return replies;
    }

    public ReplyWriter writer() {
        return writer;
    }

    @Override
    public ExtendedHandle newHandle() {
        return new LoopHandle();
    }

    @Override
    public void close() {
        input.release();
        replies.close();
    }

    /** Reads into the loop's buffer, and again at once only when the read filled it and the session wants more. */
    private final class LoopHandle implements ExtendedHandle {
        private ChannelConfig config;
        private int reads;
        private int attempted;
        private int last;

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return input.clear().retain();
        }

        @Override
        public int guess() {
            return READ_BYTES;
        }

        @Override
        public void reset(ChannelConfig channel) {
            config = channel;
            reads = 0;
            last = 0;
            attempted = 0;
        }

        @Override
        public void incMessagesRead(int messages) {
            reads += messages;
        }

        @Override
        public void lastBytesRead(int bytes) {
            last = bytes;
        }

        @Override
        public int lastBytesRead() {
            return last;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attempted = bytes;
        }

        @Override
        public int attemptedBytesRead() {
            return attempted;
        }

        @Override
        public boolean continueReading() {
            return last > 0 && last == attempted && reads < READS_IN_A_ROW && config.isAutoRead();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return continueReading();
        }

        @Override
        public void readComplete() {
            // sizes never change: there is nothing to learn
        }
    }
}
