package io.granary.node.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** A source of bytes that lets somebody know when more than a few have been read from it. */
final class NoticedSource implements ReadableByteChannel {

    private final ReadableByteChannel source;
    private final Runnable notice;
    private long unnoticed;

    /** @param notice run once, before the read returns with which {@code unnoticed} bytes are reached */
    NoticedSource(ReadableByteChannel source, long unnoticed, Runnable notice) {
        this.source = source;
        this.unnoticed = unnoticed;
        this.notice = notice;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = source.read(into);
        if (unnoticed > 0) {
            unnoticed -= Math.max(0, read);
            if (unnoticed <= 0) {
                notice.run();
            }
        }
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
