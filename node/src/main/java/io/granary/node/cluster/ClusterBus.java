package io.granary.node.cluster;

import io.granary.gossip.NodeId;
import io.granary.node.config.BindAddresses.BindAddress;
import io.granary.node.log.NodeLog;
import io.granary.node.priority.ThreadPriority;
import io.granary.node.process.StartFailure;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The sockets of the cluster bus, on one thread of their own: a listener, the links that peers have dialled and those that
 * we dial. It moves frames and knows nothing of what is in them.
 *
 * <p>Links that we dial have the positive numbers that the machine gave them, accepted ones negative numbers. Whoever cannot
 * say that he is a node of the cluster gets little: short frames, and no more than {@link #UNKNOWN_LINKS_MAX} such links at
 * once, the oldest of which makes room.
 */
final class ClusterBus {

    /** Accepted links whose peer has not said, or not truly, that it is a node of the cluster. */
    static final int UNKNOWN_LINKS_MAX = 256;

    private static final int CONNECT_TIMEOUT_MS = 5_000;

    /** Told of everything that happens to the links, on the bus's thread. */
    interface Listener {

        void accepted(BusLink link);

        void connected(BusLink link);

        /** The link is gone; {@code refused} when nobody listens at the other end. */
        void lost(BusLink link, boolean refused);

        void received(BusLink link, byte[] frame);
    }

    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop thread;
    private final BusTransport transport;
    private final Listener listener;
    private final Complaints complaints;
    private final NodeLog log;
    private final Map<Long, BusLink> links = new HashMap<>();
    private final Set<BusLink> unknown = new LinkedHashSet<>();
    private final Set<BusLink> unflushed = new LinkedHashSet<>();
    private final List<Channel> listeners = new ArrayList<>();
    private long lastAccepted;
    private long sendLimitBytes;
    private long sendLimitExceeded;

    ClusterBus(Listener listener, Complaints complaints, NodeLog log) {
        this.transport = BusTransport.best();
        this.group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("bus", true), transport.handler());
        this.thread = group.next();
        thread.execute(ThreadPriority.PROMPT::take);
        this.listener = listener;
        this.complaints = complaints;
        this.log = log;
    }

    /** The bus's thread: everything but the constructor, {@link #bind} and {@link #stop} belongs to it. */
    EventLoop thread() {
        return thread;
    }

    /** Listens, and lets peers wait until {@link #letIn}; the message of a failure is what the operator reads. */
    void bind(List<BindAddress> addresses, int port) throws IOException {
        // all of IPv6 first: that socket takes IPv4 as well, and leaves no room for one that takes IPv4 alone
        List<BindAddress> ordered = new ArrayList<>(addresses);
        ordered.sort(Comparator.comparing(address -> !address.host().equals("::*")));
        boolean boundToAll = false;
        for (BindAddress address : ordered) {
            boolean covered = boundToAll && address.host().equals("*");
            if (!covered) {
                boundToAll |= listen(address, port) && address.host().equals("::*");
            }
        }
        if (listeners.isEmpty()) {
            throw new BindException("No bind address is configured, but it is required for the Cluster bus.");
        }
    }

    private boolean listen(BindAddress address, int port) throws IOException {
        String host = switch (address.host()) {
            case "*" -> "0.0.0.0";
            case "::*" -> "::";
            default -> address.host();
        };
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(transport.server())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 511)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WriteBufferWaterMark.DEFAULT)
                .childHandler(acceptor())
                .bind(host, port)
                .awaitUninterruptibly();
        if (bound.isSuccess()) {
            listeners.add(bound.channel());
        } else if (!address.optional()) {
            StartFailure failure = StartFailure.cannotListen(address.host(), port, "cluster", bound.cause());
            log.warning(failure.lines().getFirst());
            throw new BindException(failure.lines().getLast());
        }
        return bound.isSuccess();
    }

    /** Accepts peers from now on, those that have dialled already first. */
    void letIn() {
        listeners.forEach(each -> each.config().setAutoRead(true));
    }

    private ChannelHandler acceptor() {
        return new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                // numbers are given out and links kept on the bus's thread, which this is
                BusLink link = new BusLink(ClusterBus.this, --lastAccepted, true);
                links.put(link.number(), link);
                channel.pipeline().addLast(link);
            }
        };
    }

    /** Dials a peer; the listener hears of the outcome. */
    void connect(long number, String host, int port) {
        BusLink link = new BusLink(this, number, false);
        links.put(number, link);
        new Bootstrap()
                .group(group)
                .channel(transport.socket())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .handler(link)
                .connect(host, port)
                .addListener((ChannelFuture dialled) -> {
                    if (!dialled.isSuccess()) {
                        lost(link, isRefusal(dialled.cause()));
                    }
                });
    }

    private static boolean isRefusal(Throwable cause) {
        return cause instanceof ConnectException
                && !(cause instanceof ConnectTimeoutException)
                && cause.getMessage() != null
                && cause.getMessage().contains("refused");
    }

    /**
     * Sends a frame; nothing happens on a link that is gone. A link whose peer lets more than the limit pile up is closed.
     *
     * @return whether it is on its way
     */
    boolean send(long number, byte[] frame) {
        BusLink link = links.get(number);
        if (link == null || !link.isUp()) {
            return false;
        }
        link.write(frame);
        unflushed.add(link);
        if (sendLimitBytes > 0 && link.pendingBytes() > sendLimitBytes) {
            sendLimitExceeded++;
            log.warning("Freeing outbound cluster link to node " + link.peer()
                    + " after exceeding memory limit (used memory: " + link.pendingBytes() + ")");
            drop(link, false);
            return false;
        }
        return true;
    }

    /** Puts everything that was sent on the wire. */
    void flush() {
        unflushed.forEach(link -> {
            if (link.isUp()) {
                link.flush();
            }
        });
        unflushed.clear();
    }

    /** Closes a link that the machine is done with. */
    void close(long number) {
        BusLink link = links.remove(number);
        if (link != null) {
            unknown.remove(link);
            link.close();
        }
    }

    /** {@code cluster-link-sendbuf-limit}: 0 for none. */
    void sendLimit(long bytes) {
        sendLimitBytes = bytes;
    }

    /** How many links were closed because their peer read too slowly. */
    long sendLimitExceeded() {
        return sendLimitExceeded;
    }

    Collection<BusLink> links() {
        return links.values();
    }

    /** Notes who is at the other end of a link. */
    void identify(BusLink link, NodeId peer, boolean known) {
        link.peer(peer, known);
        if (known) {
            unknown.remove(link);
        } else if (link.inbound() && links.containsKey(link.number())) {
            unknown.add(link);
        }
    }

    void opened(BusLink link) {
        if (!link.inbound()) {
            listener.connected(link);
            return;
        }
        unknown.add(link);
        if (unknown.size() > UNKNOWN_LINKS_MAX) {
            drop(unknown.iterator().next(), false);
        }
        listener.accepted(link);
    }

    void received(BusLink link, byte[] frame) {
        listener.received(link, frame);
    }

    void nonsense(BusLink link, String reason) {
        complaints.add("Bad message length or signature received on the Cluster bus from " + link.peerIp() + ": " + reason);
        drop(link, false);
    }

    void lost(BusLink link, boolean refused) {
        if (!link.closed()) {
            drop(link, refused);
        }
    }

    private void drop(BusLink link, boolean refused) {
        close(link.number());
        listener.lost(link, refused);
    }

    boolean isStopped() {
        return group.isShuttingDown();
    }

    /** Closes everything and ends the thread. */
    void stop() {
        listeners.forEach(channel -> channel.close().awaitUninterruptibly());
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
