package io.granary.node.client;

import io.granary.node.Clock;
import io.granary.node.config.BadValueException;
import io.granary.node.config.BindAddresses;
import io.granary.node.config.BindAddresses.BindAddress;
import io.granary.node.config.BooleanSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.config.TextSetting;
import io.granary.node.log.NodeLog;
import io.granary.node.process.StartFailure;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Accepts clients on the addresses of {@code bind} and {@code port} and on {@code unixsocket}, and turns them into sessions.
 */
public final class ClientListener implements AutoCloseable {

    /** What a connection holds ready for its next bytes where it cannot share the loop's buffer. */
    static final int READ_AHEAD_BYTES = 16 * 1024;

    private static final String FULL = "-ERR max number of clients reached\r\n";
    private static final String PROTECTED = "-DENIED Redis is running in protected mode because protected mode is enabled and no"
            + " password is set for the default user. In this mode connections are only accepted from the loopback interface."
            + " If you want to connect from external computers to Redis you may adopt one of the following solutions:"
            + " 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface"
            + " by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly"
            + " accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent."
            + " 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting"
            + " the protected mode option to 'no', and then restarting the server."
            + " 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option."
            + " 4) Set up an authentication password for the default user."
            + " NOTE: You only need to do one of the above things in order for the server to start accepting connections from"
            + " the outside.\r\n";

    private final EventLoops loops;
    private final ClientRegistry registry;
    private final Clock clock;
    private final NodeLog log;
    private final LongSetting port;
    private final TextSetting bind;
    private final LongSetting backlog;
    private final LongSetting keepAliveSeconds;
    private final BooleanSetting protectedMode;
    private final TextSetting password;
    private final TextSetting unixSocket;
    private final LongSetting unixSocketMode;
    private final AttributeKey<Long> id = AttributeKey.valueOf(ClientListener.class, "id");
    private final List<Channel> listening = new ArrayList<>();
    /** Accepts on a thread of its own, so that an event loop that runs CONFIG SET can wait for a new port to be bound. */
    private final EventLoopGroup acceptors;
    private boolean closed;

    public ClientListener(
            EventLoops loops, ClientRegistry registry, Clock clock, NodeLog log, Configuration configuration) {
        this.loops = loops;
        this.registry = registry;
        this.clock = clock;
        this.log = log;
        port = configuration.number("port");
        bind = configuration.text("bind");
        backlog = configuration.number("tcp-backlog");
        keepAliveSeconds = configuration.number("tcp-keepalive");
        protectedMode = configuration.flag("protected-mode");
        password = configuration.text("requirepass");
        unixSocket = configuration.text("unixsocket");
        unixSocketMode = configuration.number("unixsocketperm");
        acceptors = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("accept", true), loops.transport().ioHandlerFactory());
        port.onChange(() -> listenAnew("Unable to listen on this port. Check server logs."));
        bind.onChange(() -> listenAnew("Failed to bind to specified addresses."));
    }

    /** Begins to accept clients. */
    public synchronized void start() throws StartFailure {
        listening.addAll(listenTcp());
        if (!unixSocket.isEmpty()) {
            listenUnix(Path.of(unixSocket.value()));
        }
    }

    /**
     * Obeys CONFIG SET port and bind. The old addresses are given up first, since a wildcard and an address of it exclude
     * each other; when the new ones cannot be had, CONFIG SET puts the old values back and calls again.
     */
    private synchronized void listenAnew(String refusal) throws BadValueException {
        if (closed) {
            throw new BadValueException(refusal);
        }
        List<Channel> before = listening.stream()
                .filter(channel -> channel.localAddress() instanceof InetSocketAddress).toList();
        before.forEach(channel -> channel.close().awaitUninterruptibly());
        listening.removeAll(before);
        try {
            listening.addAll(listenTcp());
        } catch (StartFailure failure) {
            failure.lines().forEach(log::warning);
            throw new BadValueException(refusal);
        }
    }

    /** Listens on every address of {@code bind}, or on none. */
    private List<Channel> listenTcp() throws StartFailure {
        int number = port.intValue();
        List<BindAddress> addresses = number == 0 ? List.of() : BindAddresses.of(bind.value());
        List<Channel> bound = new ArrayList<>();
        try {
            for (BindAddress address : addresses) {
                listen(address, number).ifPresent(bound::add);
            }
            if (bound.isEmpty() && !addresses.isEmpty()) {
                throw new StartFailure("Failed listening on port " + number + " (TCP), aborting.");
            }
            return bound;
        } catch (StartFailure failure) {
            bound.forEach(Channel::close);
            throw failure;
        }
    }

    private Optional<Channel> listen(BindAddress address, int number) throws StartFailure {
        InetSocketAddress wanted = new InetSocketAddress(address.socketHost(), number);
        ChannelFuture bound = bootstrap(loops.transport().serverChannel()).bind(wanted).awaitUninterruptibly();
        if (bound.isSuccess()) {
            return Optional.of(bound.channel());
        }
        // 0.0.0.0 and :: are the same socket where IPv6 also takes IPv4, so an optional address may be busy by ourselves
        if (address.optional()) {
            log.verbose("Not listening on " + address.host() + ":" + number + ": "
                    + StartFailure.reason(bound.cause()));
            return Optional.empty();
        }
        throw StartFailure.cannotListen(address.host(), number, "TCP", bound.cause());
    }

    private void listenUnix(Path path) throws StartFailure {
        if (loops.transport().unixServerChannel() == null) {
            throw new StartFailure("unixsocket needs the epoll or kqueue transport");
        }
        try {
            Files.deleteIfExists(path);
            ChannelFuture bound = bootstrap(loops.transport().unixServerChannel())
                    .bind(new DomainSocketAddress(path.toString())).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                throw new StartFailure("Failed opening Unix socket: bind: " + bound.cause().getMessage());
            }
            listening.add(bound.channel());
            int mode = unixSocketMode.intValue();
            if (mode != 0) {
                Files.setPosixFilePermissions(path, permissions(mode));
            }
        } catch (IOException e) {
            throw new StartFailure("Failed opening Unix socket: " + e.getMessage());
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        StringBuilder text = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            text.append((mode & 1 << bit) != 0 ? "xwr".charAt(bit % 3) : '-');
        }
        return PosixFilePermissions.fromString(text.toString());
    }

    private ServerBootstrap bootstrap(Class<? extends ServerChannel> channel) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(acceptors, loops.group())
                .channel(channel)
                .option(ChannelOption.SO_BACKLOG, backlog.intValue())
                .handler(new Acceptance(registry, id, log))
                .childOption(ChannelOption.ALLOCATOR, loops.allocator())
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(
                        ClientSession.PENDING_REPLY_BYTES_MAX / 2, ClientSession.PENDING_REPLY_BYTES_MAX))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        accept(client);
                    }
                });
        if (channel == loops.transport().serverChannel()) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true).childOption(ChannelOption.TCP_NODELAY, true);
        }
        return bootstrap;
    }

    private void accept(Channel client) {
        EventLoops.Loop loop = loops.of(client.eventLoop());
        client.config().setRecvByteBufAllocator(loops.transport().readsAhead()
                ? new FixedRecvByteBufAllocator(READ_AHEAD_BYTES) : loop.buffers());
        keepAlive(client);
        if (registry.full()) {
            refuse(client, FULL);
        } else if (protectedMode.value() && password.isEmpty() && !isLocal(client.remoteAddress())) {
            refuse(client, PROTECTED);
        } else {
            boolean unix = client.remoteAddress() instanceof DomainSocketAddress;
            ClientProfile profile = new ClientProfile(
                    unix ? unixSocket.value() + ":0" : text(client.remoteAddress()),
                    unix ? unixSocket.value() + ":0" : text(client.localAddress()),
                    host(client.remoteAddress()), fd(client), clock.unixMs());
            profile.unixSocket(unix);
            client.pipeline().addLast(new ClientSession(
                    client.attr(id).get(), registry, loop.dispatcher(), loop.buffers(), profile, password.isEmpty()));
        }
    }

    private void keepAlive(Channel client) {
        int seconds = keepAliveSeconds.intValue();
        if (seconds == 0 || !(client.remoteAddress() instanceof InetSocketAddress)) {
            return;
        }
        client.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        if (loops.transport() == Transport.EPOLL) {
            client.config().setOption(EpollChannelOption.TCP_KEEPIDLE, seconds);
            client.config().setOption(EpollChannelOption.TCP_KEEPINTVL, Math.max(1, seconds / 3));
            client.config().setOption(EpollChannelOption.TCP_KEEPCNT, 3);
        }
    }

    private static void refuse(Channel client, String text) {
        client.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext context) {
                context.writeAndFlush(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1)))
                        .addListener(ChannelFutureListener.CLOSE);
            }

            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ReferenceCountUtil.release(message);
            }
        });
    }

    private static boolean isLocal(SocketAddress address) {
        return !(address instanceof InetSocketAddress inet) || inet.getAddress().isLoopbackAddress();
    }

    static InetAddress host(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }

    static int fd(Channel channel) {
        return channel instanceof UnixChannel unix ? unix.fd().intValue() : -1;
    }

    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = NetUtil.toAddressString(inet.getAddress());
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        return "?:0";
    }

    /** Stops accepting clients; those that are connected stay. */
    @Override
    public synchronized void close() {
        closed = true;
        listening.forEach(channel -> channel.close().awaitUninterruptibly());
        listening.clear();
        acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        if (!unixSocket.isEmpty()) {
            try {
                Files.deleteIfExists(Path.of(unixSocket.value()));
            } catch (IOException e) {
                log.warning("Could not remove the unix socket file: " + e.getMessage());
            }
        }
    }
}
