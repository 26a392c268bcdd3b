package io.granary.node.client;

import io.granary.node.dispatch.Dispatcher;
import io.granary.node.dispatch.WriteLease;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One client connection: its bytes, in and out, and whether it may go on. Everything here belongs to the event loop of the
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

    private ChannelHandlerContext context;
    private InputBuffer input;
    private volatile boolean closing;
    private boolean closeAfterReply;
    private boolean suspended;
    private boolean running;
    private int runningBytes;
    private Consumer<ByteBuf> toChannel;
    private Request unfinished;
    private boolean hasUnfinished;
    private long overSoftLimitSince;
    private final Pushes pushes = new Pushes();
    private volatile BlockedClient blocked;
    private WithheldReplies withheld;

    ClientSession(
            long id, ClientRegistry registry, Dispatcher dispatcher, LoopBuffers buffers, ClientProfile profile,
            boolean authenticated) {
        super(id, registry, profile, authenticated);
        this.dispatcher = dispatcher;
        this.buffers = buffers;
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
        if (blocked != null) {
            blocked.gone();
        }
        if (follower() != null) {
            follower().gone();
        }
        input.release();
        if (withheld != null) {
            withheld.release();
            withheld = null;
        }
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
        } else if (input.isEmpty() && !suspended && !closing) {
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

    boolean suspended() {
        return suspended;
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

    private void goOn() {
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
        if (!input.isEmpty() && !suspended && !closing) {
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

    /** Keeps the request at {@code index}, of which only a part has come, and leaves another in its place. */
    public void keepUnfinished(Request[] requests, int index) {
        Request part = requests[index];
        requests[index] = unfinished == null ? new Request() : unfinished;
        unfinished = part;
        hasUnfinished = true;
    }

    /** Puts the request that was kept, if any, first again. */
    public void swapUnfinished(Request[] requests) {
        if (hasUnfinished) {
            Request spare = requests[0];
            requests[0] = unfinished;
            unfinished = spare;
            hasUnfinished = false;
        }
    }

    /** Stops reading from a peer while it does not read its replies or its requests wait. */
    private void checkBacklog() {
        boolean taken = !suspended || blocked != null && input.size() < READ_WHILE_BLOCKED_BYTES;
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
        if (size > 0 && (withheld != null || dispatcher.withholds())) {
            withhold(replies);
            return;
        }
        if (size > 0) {
            if (follower() != null) {
                repliesToFollower();
            } else {
                closeIfSlow(size > FREE_REPLY_BYTES ? size : 0);
            }
            if (closing && !closeAfterReply || !context.channel().isActive()) {
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

    /** A reply between the bytes of the log would be taken for some of them. */
    private void repliesToFollower() {
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
        return !closing && !suspended && (context.channel().isWritable() || follower() != null);
    }

    /**
     * Sends bytes that are no reply, from any thread; a peer that has let too much of it pile up is closed. What a session
     * pushes to itself goes between its replies, but not into that of EXEC. Anything else is sent by a task of its own,
     * since the caller may hold locks.
     */
    public void push(byte[] bytes) {
        if (closing) {
            return;
        }
        if (context.channel().eventLoop().inEventLoop() && running && !transaction().running()) {
            buffers.writer().raw(bytes);
            return;
        }
        if (pushes.reserve(bytes)) {
            context.channel().eventLoop().execute(() -> {
                pushes.release(bytes);
                pushNow(bytes);
            });
        } else {
            tooSlow();
        }
    }

    private void pushNow(byte[] bytes) {
        if (closing) {
            return;
        }
        if (!context.channel().isWritable()) {
            tooSlow();
            return;
        }
        ByteBuf copy = context.alloc().directBuffer(bytes.length).writeBytes(bytes);
        context.writeAndFlush(copy, context.voidPromise());
    }

    /** Those that push and the loop that sends may find it at the same time: it is told once. */
    private synchronized void tooSlow() {
        if (!closing) {
            registry().outputTooLong(this);
            close();
        }
    }

    // ---- ends and pauses ----

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

    /** Lets the session's further requests wait until {@link #wake}. */
    public void suspend() {
        suspended = true;
    }

    /** Goes on with requests that waited. From any thread. */
    public void wake() {
        context.channel().eventLoop().execute(() -> {
            if (blocked == null && withheld == null) {
                suspended = false;
                goOn();
            }
        });
    }

    /**
     * Lets the session's further requests wait until the command that runs now is answered. It must not be one of EXEC's, and
     * write no reply.
     *
     * @param timeoutMs after which it is answered in any case; 0 for never
     */
    public BlockedClient block(long timeoutMs, BlockedClient.Ending ending) {
        BlockedClient client = new BlockedClient(this, ending, replyMode() != ReplyMode.ON);
        if (timeoutMs > 0) {
            client.timer(context.channel().eventLoop().schedule(client::timeOut, timeoutMs, TimeUnit.MILLISECONDS));
        }
        blocked = client;
        suspended = true;
        return client;
    }

    void unblock(BlockedClient client, Consumer<ReplyWriter> reply) {
        onLoop(() -> {
            client.stopTimer();
            if (closing || blocked != client) {
                return;
            }
            blocked = null;
            suspended = withheld != null;
            if (!client.silent()) {
                buffers.writer().resp3(resp3());
                reply.accept(buffers.writer());
            }
            goOn();
        });
    }

    private void onLoop(Runnable task) {
        context.channel().eventLoop().execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error fault) {
                fail(fault);
            }
        });
    }

    /** The command of this session that is answered later, or null. From any thread. */
    public BlockedClient blocked() {
        return blocked;
    }

    // ---- replies that wait for the lease ----

    private void withhold(ReplyBuffer replies) {
        if (withheld == null) {
            withheld = new WithheldReplies(dispatcher.lease().term());
        }
        withheld.take(replies, dispatcher.takeAnswered());
        suspended = true;
        if (!dispatcher.lease().suspends(this)) {
            leaseChanged();
        }
    }

    /** What the lease is waited for has come, or is given up. From any thread. */
    public void leaseChanged() {
        onLoop(() -> {
            if (withheld != null) {
                settle();
            } else if (!closing && blocked == null) {
                suspended = false;
                goOn();
            }
        });
    }

    private void settle() {
        WriteLease.Verdict verdict = dispatcher.lease().verdict(withheld.term());
        if (verdict == WriteLease.Verdict.WAIT && dispatcher.lease().suspends(this)) {
            return;
        }
        WithheldReplies settled = withheld;
        withheld = null;
        suspended = blocked != null;
        if (closing && !closeAfterReply || !context.channel().isActive()) {
            settled.release();
        } else if (verdict == WriteLease.Verdict.REFUSE) {
            refuse(settled);
        } else {
            settled.send(toChannel);
            context.flush();
        }
        if (closing) {
            flush();
        } else {
            goOn();
        }
    }

    /** A client that does not get every reply could not tell which of them the errors stand for. */
    private void refuse(WithheldReplies refused) {
        if (replyMode() == ReplyMode.ON) {
            refused.refuse(buffers.writer(), "CLUSTERDOWN The cluster is down");
        } else {
            refused.release();
            close();
        }
    }

    // ---- what it holds ----

    public Channel channel() {
        return context.channel();
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
