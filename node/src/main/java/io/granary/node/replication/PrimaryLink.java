package io.granary.node.replication;

import io.granary.node.Clock;
import io.granary.node.client.PrimaryConnector;
import io.granary.node.client.PrimarySession;
import io.granary.node.dispatch.StreamException;
import io.granary.node.dispatch.StreamFollower;
import io.granary.node.snapshot.LoadedRdb;
import io.granary.node.snapshot.ShadowLoad;
import io.granary.resp.Request;
import io.granary.resp.RequestEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One connection of this node to its primary, from the first word to the end. It begins with a dialogue of lines ({@link
 * Handshake}); a snapshot may follow ({@link SnapshotTransfer}); then the stream, which is applied in place ({@link
 * PrimarySession}). A link ends once and is not used again.
 *
 * <p>All of it happens on the connection's event loop, except what the thread that loads a snapshot does.
 */
final class PrimaryLink extends ChannelInboundHandlerAdapter implements StreamFollower, SnapshotTransfer.Outcome {

    /** No answer and no first line of a snapshot is longer. */
    private static final int LINE_BYTES_MAX = 4096;

    /** What came early is applied in slices that fit into the loop's buffer. */
    private static final int EARLY_SLICE_BYTES = 32 * 1024;

    private static final long TICK_MS = 1000;
    private static final String TURNED_AWAY = "this node has turned away";
    private static final byte[] NEWLINE = {'\n'};

    private enum Stage { DIALOGUE, ANNOUNCEMENT, TRANSFER, LOADING, STREAM, OVER }

    private final LinkOwner owner;
    private final PrimaryConnector connector;
    private final Handshake handshake;
    private final Clock clock;
    private final LongSupplier timeoutMs;
    private final StringBuilder line = new StringBuilder();

    private volatile ChannelFuture connecting;
    private volatile Channel channel;
    private Future<?> ticks;
    private Stage stage = Stage.DIALOGUE;
    private Handshake.Step.FullSync place;
    private volatile SnapshotTransfer transfer;
    private PrimarySession session;
    /** Bytes of the stream that came before the snapshot in front of them was swapped in, or null. */
    private ByteBuf early;
    /** Whether the primary asks how far this node is. */
    private boolean asked;
    private volatile long heardNanos;
    private LinkEnd end;
    /** Whether a thread is loading: the link is not over before that is. */
    private boolean loading;
    private boolean closed;

    PrimaryLink(LinkOwner owner, PrimaryConnector connector, Handshake handshake, Clock clock, LongSupplier timeoutMs) {
        this.owner = owner;
        this.connector = connector;
        this.handshake = handshake;
        this.clock = clock;
        this.timeoutMs = timeoutMs;
        heardNanos = clock.nanos();
    }

    // ---- from any thread ----

    /** Begins to connect. */
    void open(InetSocketAddress address) {
        int patienceMs = (int) Math.min(Integer.MAX_VALUE, timeoutMs.getAsLong());
        ChannelFuture attempt = connector.connect(address, patienceMs, this);
        connecting = attempt;
        attempt.addListener(_ -> {
            if (!attempt.isSuccess()) {
                String reason = "Error condition on socket for SYNC: " + attempt.cause().getMessage();
                owner.ended(this, new LinkEnd(LinkEnd.Kind.LOST, reason));
            }
        });
        if (!owner.current(this)) {
            // it was given up while there was nothing to close yet
            close();
        }
    }

    /** Gives the link up, whether it has come about or not; its owner does not take it for current any more. */
    void close() {
        Channel open = channel;
        ChannelFuture attempt = connecting;
        if (open != null) {
            open.eventLoop().execute(() -> end(LinkEnd.Kind.SUPERSEDED, TURNED_AWAY));
        } else if (attempt != null) {
            attempt.channel().close();
        }
    }

    /** The snapshot that is coming in, or null. */
    SnapshotTransfer transfer() {
        return transfer;
    }

    /** How long ago the primary has sent something, in milliseconds. */
    long silentMs() {
        return TimeUnit.NANOSECONDS.toMillis(clock.nanos() - heardNanos);
    }

    // ---- the connection's life ----

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        heardNanos = clock.nanos();
        if (!owner.current(this)) {
            end(LinkEnd.Kind.SUPERSEDED, TURNED_AWAY);
            return;
        }
        ticks = context.executor().scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
        owner.reached(this, LinkPhase.HANDSHAKE);
        send(handshake.opening());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(LinkEnd.Kind.LOST, "the connection was closed by the master");
        closed = true;
        if (ticks != null) {
            ticks.cancel(false);
        }
        context.fireChannelInactive();
        finish();
    }

    @Override
    @SuppressWarnings("deprecation") // the end of the link is told with its reason
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(cause instanceof IOException ? LinkEnd.Kind.LOST : LinkEnd.Kind.NEEDS_FULL_SYNC, cause.toString());
    }

    /** Once a second: says that this node is there, and looks whether the primary is. */
    private void tick() {
        boolean waits = stage == Stage.LOADING || !channel.config().isAutoRead();
        if (!waits && silentMs() > timeoutMs.getAsLong()) {
            end(LinkEnd.Kind.LOST, switch (stage) {
                case STREAM -> "MASTER timeout: no data nor PING received...";
                case ANNOUNCEMENT, TRANSFER -> "Timeout receiving bulk data from MASTER... If the problem persists try to"
                        + " set the 'repl-timeout' parameter in redis.conf to a larger value.";
                default -> "Timeout connecting to the MASTER...";
            });
        } else if (stage == Stage.STREAM) {
            acknowledge();
        } else if (stage != Stage.DIALOGUE && stage != Stage.OVER) {
            send(NEWLINE);
        }
    }

    private void send(byte[] bytes) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(bytes), channel.voidPromise());
    }

    private void acknowledge() {
        send(RequestEncoder.encode("REPLCONF", "ACK", Long.toString(owner.offset())));
    }

    /** The first reason counts. */
    private void end(LinkEnd.Kind kind, String reason) {
        if (stage == Stage.OVER) {
            return;
        }
        stage = Stage.OVER;
        end = new LinkEnd(kind, reason);
        // what has come as a whole is loaded all the same: the next link goes on from there
        if (transfer != null && (!transfer.whole() || kind == LinkEnd.Kind.SUPERSEDED)) {
            transfer.abort(reason);
        }
        channel.close();
    }

    private void finish() {
        if (!closed || loading || end == null) {
            return;
        }
        if (session != null) {
            session.close();
        }
        dropEarly();
        owner.ended(this, end);
        end = null;
    }

    private void dropEarly() {
        if (early != null) {
            early.release();
            early = null;
        }
    }

    // ---- bytes in ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        heardNanos = clock.nanos();
        try {
            while (in.isReadable() && stage != Stage.OVER) {
                take(in);
            }
        } catch (StreamException e) {
            broken(e);
        } finally {
            in.release();
        }
    }

    private void take(ByteBuf in) throws StreamException {
        switch (stage) {
            case DIALOGUE, ANNOUNCEMENT -> takeLine(in);
            case TRANSFER -> receive(in);
            case LOADING -> {
                early = early == null ? channel.alloc().directBuffer() : early;
                early.writeBytes(in);
            }
            case STREAM -> {
                apply(in);
                in.skipBytes(in.readableBytes());
            }
            case OVER -> { }
        }
    }

    private void takeLine(ByteBuf in) {
        while (in.isReadable()) {
            byte b = in.readByte();
            if (b == '\n') {
                String whole = line.toString();
                line.setLength(0);
                if (stage == Stage.DIALOGUE) {
                    step(handshake.answered(whole));
                } else {
                    announced(whole, in);
                }
                return;
            }
            if (b != '\r') {
                line.append((char) (b & 0xff));
            }
            if (line.length() > LINE_BYTES_MAX) {
                end(LinkEnd.Kind.FAULT, "no Redis answers like this: '" + line.substring(0, 64) + "...'");
                return;
            }
        }
    }

    private void step(Handshake.Step step) {
        switch (step) {
            case Handshake.Step.Send(byte[] requests) -> send(requests);
            case Handshake.Step.Wait _ -> { }
            case Handshake.Step.Later(String reason) -> end(LinkEnd.Kind.LATER, reason);
            case Handshake.Step.Refuse(String reason) -> end(LinkEnd.Kind.FAULT, reason);
            case Handshake.Step.FullSync full -> {
                owner.notice("Full resync from master: " + full.id() + ":" + full.offset());
                accepted();
                owner.reached(this, LinkPhase.SYNC);
                place = full;
                stage = Stage.ANNOUNCEMENT;
            }
            case Handshake.Step.Continue(String id) -> {
                owner.notice("Successful partial resynchronization with master.");
                accepted();
                if (owner.goesOn(this, id)) {
                    stream();
                } else {
                    end(LinkEnd.Kind.SUPERSEDED, TURNED_AWAY);
                }
            }
        }
    }

    private void accepted() {
        if (!handshake.oddities().isEmpty()) {
            owner.notice(handshake.oddities());
        }
        owner.accepted(this);
    }

    // ---- the snapshot ----

    private void announced(String announcement, ByteBuf in) {
        if (announcement.isEmpty()) {
            return;
        }
        if (announcement.startsWith("-")) {
            end(LinkEnd.Kind.LATER, "MASTER aborted replication with an error: " + announcement.substring(1));
            return;
        }
        SnapshotTransfer begun = SnapshotTransfer.of(announcement, channel.alloc(), this::roomAgain);
        if (begun == null) {
            end(LinkEnd.Kind.FAULT, "Bad protocol from MASTER, the first byte is not '$' (we received '" + announcement
                    + "'), are you sure the host and port are right?");
            return;
        }
        owner.notice("MASTER <-> REPLICA sync: receiving " + (begun.expected() > 0
                ? begun.expected() + " bytes from master" : "streamed RDB from master with EOF"));
        transfer = begun;
        stage = Stage.TRANSFER;
        loading = true;
        begun.start(owner.intake(), this);
        receive(in);
    }

    private void receive(ByteBuf in) {
        boolean room = transfer.receive(in);
        if (transfer.whole()) {
            stage = Stage.LOADING;
        }
        channel.config().setAutoRead(room && stage == Stage.TRANSFER);
    }

    private void roomAgain() {
        channel.eventLoop().execute(() -> {
            if (stage == Stage.TRANSFER) {
                channel.config().setAutoRead(true);
            }
        });
    }

    @Override
    public boolean makeRoom() {
        return owner.makeRoom(this);
    }

    @Override
    public boolean loaded(ShadowLoad data, LoadedRdb rdb) {
        boolean swapped = owner.swapIn(this, data, rdb, place);
        if (swapped) {
            channel.eventLoop().execute(this::stream);
        }
        return swapped;
    }

    @Override
    public void failed(String reason) {
        channel.eventLoop().execute(() -> end(
                LinkEnd.Kind.FAULT, "Failed trying to load the MASTER synchronization DB: " + reason));
    }

    @Override
    public void over() {
        channel.eventLoop().execute(() -> {
            loading = false;
            transfer = null;
            finish();
        });
    }

    // ---- the stream ----

    private void stream() {
        if (stage == Stage.OVER) {
            return;
        }
        session = connector.follow(channel, this);
        session.select(owner.streamDatabase());
        stage = Stage.STREAM;
        owner.reached(this, LinkPhase.CONNECTED);
        acknowledge();
        try {
            while (early != null && early.isReadable() && stage == Stage.STREAM) {
                apply(early.readSlice(Math.min(EARLY_SLICE_BYTES, early.readableBytes())));
            }
            channel.config().setAutoRead(true);
        } catch (StreamException e) {
            broken(e);
        }
        dropEarly();
    }

    /** Applies a read. One answer does for all questions in it, since it tells of what was applied last. */
    private void apply(ByteBuf read) throws StreamException {
        try {
            session.read(read);
        } finally {
            if (asked) {
                asked = false;
                acknowledge();
            }
            owner.appliedSome();
        }
    }

    private void broken(StreamException e) {
        end(e.needsFullSync() ? LinkEnd.Kind.NEEDS_FULL_SYNC : LinkEnd.Kind.FAULT,
                "the master's stream cannot be applied: " + e.getMessage());
    }

    @Override
    public boolean current() {
        return owner.current(this);
    }

    @Override
    public void applied(MemorySegment bytes, long from, long length, int database) {
        owner.applied(bytes, from, length, database);
    }

    @Override
    public boolean asks(Request request) {
        return request.is(0, "REPLCONF") && request.count() > 1 && request.is(1, "GETACK");
    }

    @Override
    public void asked(Request request) {
        asked = true;
    }

    @Override
    public void erred(String command, String error) {
        owner.erred(command, error);
    }

    @Override
    public void refused(String command, String error) {
        owner.erred(command == null ? "<unknown>" : command, error);
    }
}
