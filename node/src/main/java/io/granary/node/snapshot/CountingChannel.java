package io.granary.node.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** A channel that tells how much has been read from it. */
final class CountingChannel implements ReadableByteChannel {

    private final ReadableByteChannel source;

    /** Written by the reading thread alone. */
    private volatile long bytes;

    CountingChannel(ReadableByteChannel source) {
        this.source = source;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = source.read(into);
        long before = bytes;
        bytes = before + Math.max(0, read);
        return read;
    }

    @Override
    public boolean isOpen() {
        return source.isOpen();
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
