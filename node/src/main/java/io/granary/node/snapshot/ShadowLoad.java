package io.granary.node.snapshot;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/**
 * A second set of databases that is filled from an RDB while the first is served, and then takes its place as a whole. For
 * one thread; closed in any case: what was loaded and not swapped in is freed then.
 */
public final class ShadowLoad implements AutoCloseable {

    ShadowLoad() {}

    /**
     * Reads one RDB into the second set, and blocks meanwhile. The data that is served stays as it is, whatever happens.
     *
     * @param bytes how many the source has, or {@link io.granary.persistence.rdb.RdbReader#UNKNOWN_LENGTH}
     * @throws io.granary.persistence.rdb.RdbException with the reason why it is no RDB for this node
     * @throws IOException of the source
     */
    public LoadedRdb load(ReadableByteChannel source, long bytes) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Puts the loaded data in the place of the old, which is freed bit by bit afterwards; takes milliseconds.
     *
     * @param atTheSwap run with all slots locked, between the last command on the old data and the first on the new
     */
    public void swapIn(Runnable atTheSwap) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
