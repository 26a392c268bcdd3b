package io.granary.node.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.function.BooleanSupplier;

/** A channel that ends with an exception as soon as somebody wants to stop. */
record StoppableChannel(ReadableByteChannel source, BooleanSupplier stop) implements ReadableByteChannel {

    /** Nobody wants the rest. */
    static final class Stopped extends IOException {

        private static final long serialVersionUID = 1;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (stop.getAsBoolean()) {
            throw new Stopped();
        }
        return source.read(into);
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
