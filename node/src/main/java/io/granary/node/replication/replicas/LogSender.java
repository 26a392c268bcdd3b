package io.granary.node.replication.replicas;

import io.granary.node.replication.LogReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sends one replica the log, on the event loop of its connection, one round at a time: the next one begins when the socket
 * has taken the last, so what waits lies in the log, shared with all others, and not in the connection.
 */
final class LogSender {

    /** What goes into one round, in bytes. */
    private static final int ROUND_BYTES = 512 * 1024;

    private final Acknowledgements acknowledgements;
    private final SyncCounts counts;
    private final Channel channel;
    private final Runnable onLost;
    private final Runnable look = this::send;
    private volatile LogReader reader;
    private volatile boolean closed;
    /** Whether there was nothing to do: whoever appends then lets it look again. */
    private final AtomicBoolean idle = new AtomicBoolean();
    private boolean flushing;
    private boolean started;

    /** @param onLost told when the history was given up that it reads */
    LogSender(Acknowledgements acknowledgements, SyncCounts counts, Channel channel, Runnable onLost) {
        this.acknowledgements = acknowledgements;
        this.counts = counts;
        this.channel = channel;
        this.onLost = onLost;
    }

    /** Keeps a place in the log, where {@link #start} begins. On the event loop. */
    void place(LogReader from) {
        reader = from;
    }

    /** Begins, if it has a place and has not begun. On the event loop. */
    void start() {
        if (!started && reader != null) {
            started = true;
            send();
        }
    }

    /** Bytes of the log that it has not sent. From any thread. */
    long behind() {
        LogReader at = reader;
        return at == null ? 0 : at.behind();
    }

    /** Looks, if it has nothing to do and there is more. From any thread; costs a few reads if not. */
    void wake() {
        LogReader at = reader;
        boolean more = at != null && idle.get() && (at.behind() > 0 || acknowledgements.asks());
        if (more && idle.compareAndSet(true, false)) {
            onLoop();
        }
    }

    private void onLoop() {
        if (!channel.eventLoop().isShuttingDown()) {
            channel.eventLoop().execute(look);
        }
    }

    /** Sends a round, unless one is on its way. On the event loop. */
    void send() {
        if (flushing || !started || closed) {
            return;
        }
        acknowledgements.askForThoseWhoWait();
        ByteBuf part = reader.next(ROUND_BYTES);
        if (part == null) {
            rest();
            return;
        }
        int round = part.readableBytes();
        ByteBuf next;
        while (round < ROUND_BYTES && (next = reader.next(ROUND_BYTES - round)) != null) {
            channel.write(part, channel.voidPromise());
            part = next;
            round += next.readableBytes();
        }
        flushing = true;
        int sent = round;
        ChannelFuture flushed = channel.writeAndFlush(part);
        flushed.addListener(_ -> {
            flushing = false;
            counts.sent(sent);
            // not at once: what others append meanwhile goes with it
            onLoop();
        });
    }

    /** Has nothing to do, unless somebody appended just now and did not see it. */
    private void rest() {
        if (reader.lost()) {
            onLost.run();
            return;
        }
        idle.set(true);
        wake();
    }

    /** Gives its place up; the connection is closed. On the event loop. */
    void close() {
        closed = true;
        LogReader at = reader;
        if (at != null) {
            at.close();
        }
    }
}
