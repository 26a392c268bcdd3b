package io.granary.node.client;

import io.granary.node.Clock;
import io.granary.node.dispatch.StreamFollower;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Connects this node with its primary. The connection is served by one of the event loops that serve clients. */
public final class PrimaryConnector {

    private final Supplier<EventLoops> allLoops;
    private final ClientRegistry registry;
    private final Clock clock;

    /** @param loops asked for when a connection is made */
    public PrimaryConnector(Supplier<EventLoops> loops, ClientRegistry registry, Clock clock) {
        allLoops = loops;
        this.registry = registry;
        this.clock = clock;
    }

    /** Begins to connect; the handler gets the connection's bytes and its end. */
    public ChannelFuture connect(InetSocketAddress address, int timeoutMs, ChannelHandler handler) {
        EventLoops loops = allLoops.get();
        return new Bootstrap()
                .group(loops.group())
                .channel(loops.transport().socketChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMs)
                .option(ChannelOption.ALLOCATOR, loops.allocator())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setRecvByteBufAllocator(loops.transport().readsAhead()
                                ? new FixedRecvByteBufAllocator(ClientListener.READ_AHEAD_BYTES)
                                : loops.of(channel.eventLoop()).buffers());
                        channel.pipeline().addLast(handler);
                    }
                })
                .connect(address);
    }

    /**
     * Begins to apply the stream that comes over a connection, on its event loop. The handler goes on getting the bytes; the
     * connection now is a client's, too, as far as others can see it and close it.
     */
    public PrimarySession follow(Channel channel, StreamFollower follower) {
        EventLoops.Loop loop = allLoops.get().of(channel.eventLoop());
        ClientProfile profile = new ClientProfile(ClientListener.text(channel.remoteAddress()),
                ClientListener.text(channel.localAddress()), ClientListener.host(channel.remoteAddress()),
                ClientListener.fd(channel), clock.unixMs());
        ClientSession session = new ClientSession(
                registry.nextId(), registry, loop.dispatcher(), loop.buffers(), profile, true);
        channel.pipeline().addLast(session);
        session.followPrimary();
        registry.addPrimary(session);
        return new PrimarySession(session, loop, new InputBuffer(channel.alloc()), follower);
    }

    /**
     * Waits until every event loop has come to the end of what it was doing: then all is done that clients were allowed to
     * do before. Not for an event loop.
     *
     * @return false if that took too long
     */
    public boolean awaitRound(long timeoutMs) throws InterruptedException {
        EventLoops loops = allLoops.get();
        CountDownLatch left = new CountDownLatch(loops.count());
        loops.each(left::countDown);
        return left.await(timeoutMs, TimeUnit.MILLISECONDS);
    }

    /**
     * Has what a client sends from now on applied as a stream: it is another node. On the client's event loop, when nothing
     * that it has sent is left to run.
     */
    public void takeOver(ClientSession session, StreamSource source) {
        Channel channel = session.channel();
        session.followPrimary();
        PrimarySession stream = new PrimarySession(
                session, allLoops.get().of(channel.eventLoop()), new InputBuffer(channel.alloc()), source);
        channel.pipeline().addBefore(channel.pipeline().context(session).name(), null, new StreamInlet(stream, source));
    }
}
