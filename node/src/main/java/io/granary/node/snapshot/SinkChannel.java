package io.granary.node.snapshot;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A sink as a channel that can be written to: what is written comes to the sink in pooled chunks. */
final class SinkChannel implements WritableByteChannel {

    static final int CHUNK_BYTES = 64 * 1024;

    private final ByteBufAllocator allocator;
    private final ChunkSink sink;

    /** An interruption while the sink made its caller wait, in the form that a channel can throw. */
    static final class Interrupted extends IOException {

        private static final long serialVersionUID = 1;

        private final transient InterruptedException reason;

        Interrupted(InterruptedException reason) {
            super(reason);
            this.reason = reason;
        }

        InterruptedException reason() {
            return reason;
        }
    }

    SinkChannel(ByteBufAllocator allocator, ChunkSink sink) {
        this.allocator = allocator;
        this.sink = sink;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        int length = Math.min(bytes.remaining(), CHUNK_BYTES);
        ByteBuf chunk = allocator.directBuffer(length, length);
        int limit = bytes.limit();
        chunk.writeBytes(bytes.limit(bytes.position() + length));
        bytes.limit(limit);
        try {
            sink.chunk(chunk);
        } catch (InterruptedException reason) {
            throw new Interrupted(reason);
        }
        return length;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // the sink is told in other ways
    }
}
