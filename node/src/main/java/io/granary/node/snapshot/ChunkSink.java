package io.granary.node.snapshot;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * Takes an RDB bit by bit, on the thread that makes it. A sink that takes its time lets the snapshot wait; what it throws
 * ends it.
 */
public interface ChunkSink {

    /** The next bytes, at most 64 KB; the sink releases them, also when it throws. May block until it has room. */
    void chunk(ByteBuf bytes) throws IOException, InterruptedException;

    /** The last chunk was handed over. What this throws makes the snapshot fail. */
    void done() throws IOException, InterruptedException;

    /** The snapshot has ended early, and nothing more comes: it was given up, or something was thrown. */
    void failed(Throwable reason);
}
