package io.granary.node.metrics.http;

import io.granary.node.config.BadValueException;
import io.granary.node.config.BindAddresses;
import io.granary.node.config.BindAddresses.BindAddress;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.config.TextSetting;
import io.granary.node.log.NodeLog;
import io.granary.node.process.StartFailure;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Listens on {@code metrics-port} at the addresses of {@code metrics-bind}; without a port there is not even a thread. */
public final class MetricsPort implements AutoCloseable {

    /** A few scrapers and probes; each may make the node hold one page. */
    private static final int CONNECTIONS_MAX = 32;
    private static final int LINE_CHARACTERS_MAX = 2048;
    private static final int HEADER_BYTES_MAX = 8192;
    private static final int BACKLOG = 64;

    private final LongSetting port;
    private final TextSetting bind;
    private final MetricsRoutes routes;
    private final NodeLog log;
    private final List<Channel> listening = new ArrayList<>();
    private EventLoopGroup group;
    private boolean started;
    /** Of connections; changed by the one thread of the group. */
    private int connections;

    public MetricsPort(MetricsRoutes routes, NodeLog log, Configuration configuration) {
        this.routes = routes;
        this.log = log;
        port = configuration.number("metrics-port");
        bind = configuration.text("metrics-bind");
        port.onChange(this::listenAnew);
        bind.onChange(this::listenAnew);
    }

    /** Begins to answer, if there is a port. */
    public synchronized void start() throws StartFailure {
        started = true;
        try {
            listen();
        } catch (StartFailure failure) {
            silence();
            throw failure;
        }
    }

    /** Obeys CONFIG SET; when the port cannot be had, CONFIG SET puts the old values back and calls again. */
    private synchronized void listenAnew() throws BadValueException {
        if (!started) {
            return;
        }
        silence();
        try {
            listen();
        } catch (StartFailure failure) {
            silence();
            failure.lines().forEach(log::warning);
            throw new BadValueException("Unable to listen on the metrics port. Check server logs.");
        }
    }

    private void listen() throws StartFailure {
        int number = port.intValue();
        if (number == 0) {
            return;
        }
        connections = 0;
        group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("metrics", true), NioIoHandler.newFactory());
        for (BindAddress address : BindAddresses.of(bind.value())) {
            InetSocketAddress wanted = new InetSocketAddress(address.socketHost(), number);
            ChannelFuture bound = bootstrap().bind(wanted).awaitUninterruptibly();
            if (bound.isSuccess()) {
                listening.add(bound.channel());
            } else if (!address.optional()) {
                throw StartFailure.cannotListen(address.host(), number, "metrics", bound.cause());
            }
        }
        log.notice("Metrics and health are served on port " + number);
    }

    private ServerBootstrap bootstrap() {
        return new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        accept(connection);
                    }
                });
    }

    private void accept(Channel connection) {
        if (connections >= CONNECTIONS_MAX) {
            connection.close();
            return;
        }
        connections++;
        connection.closeFuture().addListener(_ -> connections--);
        connection.pipeline().addLast(
                new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(LINE_CHARACTERS_MAX).setMaxHeaderSize(HEADER_BYTES_MAX)),
                new MetricsConnection(routes));
    }

    private void silence() {
        listening.forEach(channel -> channel.close().awaitUninterruptibly());
        listening.clear();
        if (group != null) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            group = null;
        }
    }

    /** Ends when no page is being made any more. */
    @Override
    public synchronized void close() {
        started = false;
        silence();
    }
}
