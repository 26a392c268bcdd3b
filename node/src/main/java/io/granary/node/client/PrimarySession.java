package io.granary.node.client;

import io.granary.node.dispatch.StreamApplication;
import io.granary.node.dispatch.StreamException;
import io.granary.node.dispatch.StreamFollower;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;

/**
 * This node's end of the stream that its primary sends: bytes are kept until they make whole units, which the event loop of
 * the connection applies in place. For clients it shows as one of them, with the flag M.
 */
public final class PrimarySession {

    private final ClientSession session;
    private final LoopBuffers buffers;
    private final InputBuffer input;
    private final StreamApplication stream;

    PrimarySession(ClientSession session, EventLoops.Loop loop, InputBuffer input, StreamFollower follower) {
        this.session = session;
        this.buffers = loop.buffers();
        this.input = input;
        stream = loop.dispatcher().follow(session, follower);
    }

    /** Selects the database in which the stream goes on. */
    public void select(int database) {
        session.database(database);
    }

    /** Applies what the bytes make whole, from their reader index on; the caller releases them. */
    public void read(ByteBuf bytes) throws StreamException {
        try {
            apply(bytes);
        } catch (RuntimeException | Error fault) {
            // what it has written so far would be sent to the loop's next client
            buffers.replies().close();
            throw fault;
        }
    }

    private void apply(ByteBuf bytes) throws StreamException {
        int length = bytes.readableBytes();
        int from = buffers.indexOf(bytes);
        MemorySegment segment = buffers.segmentOf(bytes);
        if (input.isEmpty()) {
            int used = stream.apply(segment, from, from + length);
            if (used < from + length) {
                input.append(segment, used, from + length - used);
            }
        } else {
            requireRoom(length);
            input.append(segment, from, length);
            input.consumeTo(stream.apply(input.segment(), input.from(), input.to()));
            input.shrink();
        }
    }

    /** A unit's places are ints: one that would go beyond them is refused before it does. */
    private void requireRoom(int length) throws StreamException {
        if ((long) input.size() + length > InputBuffer.BYTES_MAX) {
            throw StreamException.unreadable("a request or transaction of more than " + InputBuffer.BYTES_MAX + " bytes");
        }
    }

    /** Frees what was kept; nothing is read any more. */
    public void close() {
        input.release();
    }
}
