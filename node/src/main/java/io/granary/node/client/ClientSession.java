package io.granary.node.client;

import io.granary.node.dispatch.Dispatcher;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * One client connection: its bytes, in and out. Everything here belongs to the event loop of the
 * connection, except the few volatile fields that CLIENT LIST and CLIENT KILL read from elsewhere.
 *
 * <p>Requests run in the order in which they came, one batch a read, and their replies go out with one flush. A session that
 * is suspended (CLIENT PAUSE) or whose peer does not read its replies keeps its bytes and goes on from there later.
 */
public final class ClientSession extends ClientState {

    /** Replies that may wait for a slow reader before its requests have to wait too, in bytes. */
    static final int PENDING_REPLY_BYTES_MAX = 64 * 1024 * 1024;

    /** Replies of one batch so short count for no limit: as in Redis, whose clients have a buffer of this size each. */
    private static final int FREE_REPLY_BYTES = 16 * 1024;

    /** What a blocked client may send ahead before it is read no further, in bytes. */
    private static final int READ_WHILE_BLOCKED_BYTES = 64 * 1024;

    private final Dispatcher dispatcher;
    private final LoopBuffers buffers;
    private final Suspension suspension;
    private final UnfinishedRequest unfinished = new UnfinishedRequest();
    private final Pushes pushes = new Pushes(this);

    private ChannelHandlerContext context;
    private InputBuffer input;
    private volatile boolean closing;
    private boolean closeAfterReply;
    private boolean running;
    private int runningBytes;
    private Consumer<ByteBuf> toChannel;
    private long overSoftLimitSince;

    ClientSession(
            long id, ClientRegistry registry, Dispatcher dispatcher, LoopBuffers buffers, ClientProfile profile,
            boolean authenticated) {
        super(id, registry, profile, authenticated);
        this.dispatcher = dispatcher;
        this.buffers = buffers;
        suspension = new Suspension(this, dispatcher, buffers.writer());
    }

    // ---- the connection's life ----

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        toChannel = chunk -> ctx.write(chunk, ctx.voidPromise());
        input = new InputBuffer(ctx.alloc());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        registry().add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        dispatcher.forget(this);
        if (monitor()) {
            registry().monitors().remove(this);
        }
        registry().remove(this);
        suspension.gone();
        if (follower() != null) {
            follower().gone();
        }
        input.release();
    }

    @Override
    @SuppressWarnings("deprecation") // a broken connection is no event that an operator would act on
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        registry().failed(this, cause);
        close();
    }

    // ---- bytes in ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf read = (ByteBuf) message;
        int length = read.readableBytes();
        dispatcher.statistics().inputBytes(length);
        try {
            take(buffers.segmentOf(read), length);
            flush();
            checkBacklog();
        } catch (RuntimeException | Error fault) {
            fail(fault);
        } finally {
            read.release();
        }
    }

    private void take(MemorySegment segment, int length) {
        if (!closing && (long) input.size() + length > registry().inputBytesMax(authenticated())) {
            registry().inputTooLong(this);
            close();
        } else if (input.isEmpty() && !suspension.suspended() && !closing) {
            int used = run(segment, 0, length);
            if (used < length && !closing) {
                input.append(segment, used, length - used);
            }
            releaseIfClosing();
        } else if (!closing) {
            input.append(segment, 0, length);
            resume();
        }
    }

    /**
     * Ends the session after a fault of our own or when the heap or the direct memory is used up. What it has written so far
     * goes with it: left in the loop's reply buffer, it would be sent to the loop's next client.
     */
    private void fail(Throwable fault) {
        buffers.replies().close();
        registry().failed(this, fault);
        close();
    }

    /** Goes on with requests that waited for the peer to read; later, since this is called in the middle of a flush. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            ctx.channel().eventLoop().execute(this::goOn);
            if (follower() != null) {
                follower().writable();
            }
        }
    }

    /** Runs requests that waited, and sends their replies and those that were written before. */
    void goOn() {
        if (closing) {
            return;
        }
        try {
            resume();
            flush();
            checkBacklog();
        } catch (RuntimeException | Error fault) {
            fail(fault);
        }
    }

    /** Runs requests that waited in the input buffer. */
    private void resume() {
        if (!input.isEmpty() && !suspension.suspended() && !closing) {
            int used = run(input.segment(), input.from(), input.to());
            input.consumeTo(used);
            input.shrink();
        }
        releaseIfClosing();
    }

    private void releaseIfClosing() {
        if (closing) {
            input.release();
        }
    }

    private int run(MemorySegment segment, int from, int to) {
        running = true;
        runningBytes = to - from;
        decoder().limits(registry().limits(authenticated()));
        try {
            return dispatcher.run(this, segment, from, to);
        } finally {
            running = false;
        }
    }

    /** Stops reading from a peer while it does not read its replies or its requests wait. */
    private void checkBacklog() {
        boolean taken = !suspension.suspended()
                || suspension.blocked() != null && input.size() < READ_WHILE_BLOCKED_BYTES;
        boolean read = taken && !closing && (context.channel().isWritable() || follower() != null);
        if (context.channel().config().isAutoRead() != read && !closing) {
            context.channel().config().setAutoRead(read);
        }
    }

    // ---- bytes out ----

    /** Sends what the loop's reply buffer holds, which is all this session's. */
    public void flush() {
        ReplyBuffer replies = buffers.replies();
        long size = replies.size();
        if (size > 0 && (suspension.withholds() || dispatcher.withholds())) {
            suspension.withhold(replies);
            return;
        }
        if (size > 0) {
            if (follower() != null) {
                repliesToFollower();
            } else {
                closeIfSlow(size > FREE_REPLY_BYTES ? size : 0);
            }
            if (dropsReplies()) {
                replies.rewind(0);
            } else {
                dispatcher.statistics().outputBytes(size);
                replies.drain(toChannel);
                context.flush();
            }
            replies.reuse();
        }
        if (closeAfterReply) {
            closeAfterReply = false;
            context.writeAndFlush(context.alloc().buffer(0)).addListener(_ -> context.close());
        }
    }

    /** Whether nobody is there to read replies. */
    boolean dropsReplies() {
        return closing && !closeAfterReply || !context.channel().isActive();
    }

    /** Sends replies that have waited. */
    void send(WithheldReplies replies) {
        replies.send(toChannel);
        context.flush();
    }

    /** A reply between the bytes of the log would be taken for some of them. */
    private void repliesToFollower() {
        if (buffers.replies().beginsWithError()) {
            registry().replicaErred(this, buffers.writer().lastError());
        }
        registry().replicaExpectsReply(this);
        closeAfterReply = false;
        close();
    }

    /** Closes the connection if its peer is too slow for what waits and {@code added} bytes of replies more. */
    private void closeIfSlow(long added) {
        if (!closing && follower() == null && registry().outputTooMuch(this, outputBytes() + added)) {
            closeAfterReply = false;
            close();
        }
    }

    /** Lets the session's loop close it if its peer has been too slow for too long. From any thread. */
    void closeIfSlow() {
        context.channel().eventLoop().execute(() -> closeIfSlow(0));
    }

    /** Whether the next request may run: the session neither waits nor ends, and the peer takes its replies. */
    public boolean mayRun() {
        return !closing && !suspension.suspended() && (context.channel().isWritable() || follower() != null);
    }

    // ---- its end ----

    /** Closes the connection at once; replies that wait are lost. From any thread. */
    public void close() {
        closing = true;
        context.close();
    }

    /** Closes the connection when the replies written so far have been sent; nothing more is run. */
    public void closeAfterReply() {
        closing = true;
        closeAfterReply = true;
    }

    public boolean closing() {
        return closing;
    }

    /** Does something soon on the session's loop; a fault of ours ends the session. From any thread. */
    void onLoop(Runnable task) {
        context.channel().eventLoop().execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error fault) {
                fail(fault);
            }
        });
    }

    // ---- what it holds ----

    public Channel channel() {
        return context.channel();
    }

    ChannelHandlerContext context() {
        return context;
    }

    /** Why its requests wait, if they do. */
    public Suspension suspension() {
        return suspension;
    }

    /** The request of which only a part has come. */
    public UnfinishedRequest unfinished() {
        return unfinished;
    }

    Pushes pushes() {
        return pushes;
    }

    /** Where its loop writes replies, those of other sessions among them. */
    ReplyWriter writer() {
        return buffers.writer();
    }

    /** Whether this thread is writing replies to this session, and not that of EXEC. */
    boolean writesReplies() {
        return context.channel().eventLoop().inEventLoop() && running && !transaction().running();
    }

    /** Bytes of requests that wait or are being run. */
    int inputBytes() {
        return running ? runningBytes : input == null ? 0 : input.size();
    }

    /** Bytes of memory that hold requests that wait. */
    int inputCapacity() {
        return input == null ? 0 : input.capacity();
    }

    /** Bytes of replies that the socket has not taken. */
    long outputBytes() {
        ChannelOutboundBuffer pending = context.channel().unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes();
    }

    /** Since when more replies wait than the soft limit allows, as a monotonic time in nanoseconds; 0 when they do not. */
    long overSoftLimitSince() {
        return overSoftLimitSince;
    }

    void overSoftLimitSince(long nanos) {
        overSoftLimitSince = nanos;
    }
}
