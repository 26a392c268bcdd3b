package io.granary.node.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a client is sent that is no reply, by others or by itself. Nobody waits for its socket: what waits for its event loop
 * lies on the heap and is bounded, and a client that does not read what it is sent is closed.
 */
final class Pushes {

    private static final int PENDING_BYTES_MAX = 16 * 1024 * 1024;

    /** What each takes beside its own bytes. */
    private static final int OVERHEAD_BYTES = 128;

    private final ClientSession session;
    private final AtomicInteger pendingBytes = new AtomicInteger();

    Pushes(ClientSession session) {
        this.session = session;
    }

    /**
     * Sends bytes, from any thread. What a client pushes to itself goes between its replies, but not into that of EXEC.
     * Anything else is sent by a task of its own, since the caller may hold locks.
     */
    void send(byte[] bytes) {
        if (session.closing()) {
            return;
        }
        if (session.writesReplies()) {
            session.writer().raw(bytes);
            return;
        }
        int cost = bytes.length + OVERHEAD_BYTES;
        if (pendingBytes.addAndGet(cost) <= PENDING_BYTES_MAX) {
            session.channel().eventLoop().execute(() -> {
                pendingBytes.addAndGet(-cost);
                sendNow(bytes);
            });
        } else {
            pendingBytes.addAndGet(-cost);
            tooSlow();
        }
    }

    private void sendNow(byte[] bytes) {
        if (session.closing()) {
            return;
        }
        ChannelHandlerContext context = session.context();
        if (!context.channel().isWritable()) {
            tooSlow();
            return;
        }
        ByteBuf copy = context.alloc().directBuffer(bytes.length).writeBytes(bytes);
        context.writeAndFlush(copy, context.voidPromise());
    }

    /** Those that push and the loop that sends may find it at the same time: it is told once. */
    private synchronized void tooSlow() {
        if (!session.closing()) {
            session.registry().outputTooLong(session);
            session.close();
        }
    }
}
