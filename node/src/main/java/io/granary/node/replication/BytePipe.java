package io.granary.node.replication;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;

/**
 * Carries bytes from an event loop, which must not wait, to a thread that may: the loop is told when it should stop reading
 * from its socket, and when to go on. So the pipe holds little more than {@value #BYTES_MAX} bytes however long the sender
 * goes on.
 */
final class BytePipe implements ReadableByteChannel {

    static final int BYTES_MAX = 4 * 1024 * 1024;

    private final Runnable onRoom;
    private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>();
    private int bytes;
    private boolean full;
    private boolean ended;
    private boolean closed;
    private String broken;

    /** @param onRoom run when there is room again, by the thread that reads */
    BytePipe(Runnable onRoom) {
        this.onRoom = onRoom;
    }

    // ---- the event loop's end ----

    /** Takes bytes, and releases them in time; returns whether there is room for more. */
    synchronized boolean write(ByteBuf chunk) {
        if (closed || broken != null || !chunk.isReadable()) {
            chunk.release();
            return true;
        }
        chunks.add(chunk);
        bytes += chunk.readableBytes();
        full = bytes >= BYTES_MAX;
        notifyAll();
        return !full;
    }

    /** Nothing more comes: all has been written. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Nothing more comes, though not all has been written: the reader gets an exception with the reason. */
    synchronized void fail(String reason) {
        if (broken == null) {
            broken = reason;
        }
        drop();
        notifyAll();
    }

    // ---- the reading thread's end ----

    /** Fails with the reason if {@link #fail} was called, even behind the end. */
    synchronized void requireWhole() throws IOException {
        if (broken != null) {
            throw new IOException(broken);
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int read;
        boolean room;
        synchronized (this) {
            await();
            if (chunks.isEmpty()) {
                return -1;
            }
            read = take(into);
            room = full && bytes <= BYTES_MAX / 2;
            full &= !room;
        }
        if (room) {
            onRoom.run();
        }
        return read;
    }

    /** Waits for the end; whatever comes before it does not belong there. */
    void requireEnd() throws IOException {
        synchronized (this) {
            await();
            if (!chunks.isEmpty()) {
                throw new IOException("there are bytes behind the end of the RDB");
            }
        }
    }

    private void await() throws IOException {
        try {
            while (chunks.isEmpty() && !ended && broken == null) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (broken != null) {
            throw new IOException(broken);
        }
    }

    private int take(ByteBuffer into) {
        int before = into.position();
        while (into.hasRemaining() && !chunks.isEmpty()) {
            ByteBuf first = chunks.peek();
            int length = Math.min(into.remaining(), first.readableBytes());
            int limit = into.limit();
            into.limit(into.position() + length);
            first.readBytes(into);
            into.limit(limit);
            bytes -= length;
            if (!first.isReadable()) {
                chunks.remove().release();
            }
        }
        return into.position() - before;
    }

    @Override
    public synchronized boolean isOpen() {
        return !closed;
    }

    /** What was not read is dropped, and so is all that is still written. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            drop();
        }
        onRoom.run();
    }

    private void drop() {
        chunks.forEach(ByteBuf::release);
        chunks.clear();
        bytes = 0;
        full = false;
    }
}
