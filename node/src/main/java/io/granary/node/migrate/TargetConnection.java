package io.granary.node.migrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A connection to the server that keys are sent to, on which each single step may take only so long. Belongs to one thread
 * at a time, which an interrupt ends.
 */
final class TargetConnection implements AutoCloseable {

    /** No database is known to be selected. */
    static final int NO_DATABASE = -1;

    private static final int LINE_BYTES_MAX = 1024;
    private static final int IN_BYTES = 4 * 1024;
    private static final int OUT_BYTES = 64 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES).limit(0);
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
    private final MemorySegment outBytes = MemorySegment.ofBuffer(out);
    private int database = NO_DATABASE;
    private long usedNanos;

    private TargetConnection(SocketChannel channel, Selector selector) throws IOException {
        this.channel = channel;
        this.selector = selector;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = channel.register(selector, 0);
    }

    /** Connects, taking at most {@code timeoutMs} once the name has become an address. */
    static TargetConnection open(String host, int port, long timeoutMs) throws TransferException {
        TargetConnection connection = null;
        try {
            connection = new TargetConnection(SocketChannel.open(), Selector.open());
            connection.connect(new InetSocketAddress(host, port), timeoutMs);
            return connection;
        } catch (IOException | IllegalArgumentException e) {
            if (connection != null) {
                connection.close();
            }
            throw TransferException.connecting();
        }
    }

    private void connect(InetSocketAddress address, long timeoutMs) throws IOException {
        if (!channel.connect(address)) {
            if (!await(SelectionKey.OP_CONNECT, timeoutMs)) {
                throw new IOException("no answer");
            }
            channel.finishConnect();
        }
    }

    /** Waits until the socket is ready; false when it is not so soon. */
    private boolean await(int operation, long timeoutMs) throws IOException {
        key.interestOps(operation);
        int ready = selector.select(timeoutMs);
        selector.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
            throw new IOException("the server ends");
        }
        return ready > 0;
    }

    /** Takes bytes to be sent, and sends some if there are many. */
    void write(MemorySegment bytes, long timeoutMs) throws TransferException {
        for (long at = 0; at < bytes.byteSize();) {
            if (!out.hasRemaining()) {
                flush(timeoutMs);
            }
            int length = (int) Math.min(out.remaining(), bytes.byteSize() - at);
            MemorySegment.copy(bytes, at, outBytes, out.position(), length);
            out.position(out.position() + length);
            at += length;
        }
    }

    /** Sends what is left. */
    void flush(long timeoutMs) throws TransferException {
        out.flip();
        try {
            while (out.hasRemaining()) {
                if (channel.write(out) == 0 && !await(SelectionKey.OP_WRITE, timeoutMs)) {
                    throw TransferException.writing(true);
                }
            }
        } catch (IOException e) {
            throw TransferException.writing(false);
        } finally {
            out.clear();
        }
    }

    /** The next line of an answer, without its end. */
    String readLine(long timeoutMs) throws TransferException {
        StringBuilder line = new StringBuilder();
        try {
            while (true) {
                while (in.hasRemaining()) {
                    char next = (char) (in.get() & 0xFF);
                    if (next == '\n') {
                        return line.toString().stripTrailing();
                    }
                    line.append(next);
                }
                if (line.length() > LINE_BYTES_MAX) {
                    throw TransferException.reading(false);
                }
                fill(timeoutMs);
            }
        } catch (IOException e) {
            throw TransferException.reading(false);
        }
    }

    private void fill(long timeoutMs) throws IOException, TransferException {
        in.clear();
        try {
            int read = channel.read(in);
            if (read == 0 && !await(SelectionKey.OP_READ, timeoutMs)) {
                throw TransferException.reading(true);
            }
            if (read < 0) {
                throw new IOException("closed by the target");
            }
        } finally {
            in.flip();
        }
    }

    /** The database that is selected there, as far as it is known. */
    int database() {
        return database;
    }

    void database(int selected) {
        database = selected;
    }

    /** When it was used last, in monotonic nanoseconds. */
    long usedNanos() {
        return usedNanos;
    }

    void used(long nanos) {
        usedNanos = nanos;
    }

    @Override
    public void close() {
        try {
            selector.close();
            channel.close();
        } catch (IOException e) {
            // it is gone, which is what was wanted
        }
    }
}
