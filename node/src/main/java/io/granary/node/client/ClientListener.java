package io.granary.node.client;

import io.granary.node.Clock;
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
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Accepts clients on the addresses of {@code bind} and {@code port} and on {@code unixsocket}, and turns them into sessions. */
public final class ClientListener implements AutoCloseable {

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
    private final List<Channel> listening = new ArrayList<>();

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
    }

    /** Begins to accept clients. */
    public void start() throws StartFailure {
        int number = port.intValue();
        if (number != 0) {
            boolean any = false;
            for (BindAddress address : BindAddresses.of(bind.value())) {
                any |= listen(address, number);
            }
            if (!any && !BindAddresses.of(bind.value()).isEmpty()) {
                throw new StartFailure("Failed listening on port " + number + " (TCP), aborting.");
            }
        }
        if (!unixSocket.isEmpty()) {
            listenUnix(Path.of(unixSocket.value()));
        }
    }

    private boolean listen(BindAddress address, int number) throws StartFailure {
        String host = switch (address.host()) {
            case "*" -> "0.0.0.0";
            case "::*" -> "::";
            default -> address.host();
        };
        ChannelFuture bound = bootstrap(loops.transport().serverChannel()).bind(new InetSocketAddress(host, number))
                .awaitUninterruptibly();
        if (bound.isSuccess()) {
            listening.add(bound.channel());
            return true;
        }
        String reason = reason(bound.cause());
        // 0.0.0.0 and :: are the same socket where IPv6 also takes IPv4, so an optional address may be busy by ourselves
        if (address.optional()) {
            log.verbose("Not listening on " + address.host() + ":" + number + ": " + reason);
            return false;
        }
        throw StartFailure.cannotListen(address.host(), number, reason(bound.cause()));
    }

    /** The system's words: the transports put the call's name before and repeat the address behind. */
    private static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("Address already in use") ? "Address already in use" : message;
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

    private static java.util.Set<java.nio.file.attribute.PosixFilePermission> permissions(int mode) {
        StringBuilder text = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            text.append((mode & 1 << bit) != 0 ? "xwr".charAt(bit % 3) : '-');
        }
        return PosixFilePermissions.fromString(text.toString());
    }

    private ServerBootstrap bootstrap(Class<? extends io.netty.channel.ServerChannel> channel) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .channel(channel)
                .option(ChannelOption.SO_BACKLOG, backlog.intValue())
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
        client.config().setRecvByteBufAllocator(loop.buffers());
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
                    client instanceof UnixChannel channel ? channel.fd().intValue() : -1, clock.unixMs());
            profile.unixSocket(unix);
            client.pipeline().addLast(new ClientSession(
                    registry.nextId(), registry, loop.dispatcher(), loop.buffers(), profile, password.isEmpty()));
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
        client.pipeline().addLast(new io.netty.channel.ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(io.netty.channel.ChannelHandlerContext context) {
                context.writeAndFlush(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1)))
                        .addListener(ChannelFutureListener.CLOSE);
            }

            @Override
            public void channelRead(io.netty.channel.ChannelHandlerContext context, Object message) {
                io.netty.util.ReferenceCountUtil.release(message);
            }
        });
    }

    private static boolean isLocal(SocketAddress address) {
        return !(address instanceof InetSocketAddress inet) || inet.getAddress().isLoopbackAddress();
    }

    private static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        return "?:0";
    }

    /** Stops accepting clients; those that are connected stay. */
    @Override
    public void close() {
        listening.forEach(channel -> channel.close().awaitUninterruptibly());
        listening.clear();
        if (!unixSocket.isEmpty()) {
            try {
                Files.deleteIfExists(Path.of(unixSocket.value()));
            } catch (IOException e) {
                log.warning("Could not remove the unix socket file: " + e.getMessage());
            }
        }
    }
}
