package io.granary.node.client;

import io.granary.node.log.NodeLog;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.util.concurrent.TimeUnit;

/**
 * What happens to a connection where it is accepted, before the loop that is to serve it knows of it: it is numbered, so
 * that ids ascend in the order of connecting, and counted, so that a loop that is busy for long does not let connections
 * pile up until the process has no descriptors left.
 */
final class Acceptance extends ChannelInboundHandlerAdapter {

    /**
     * Connections beyond {@code maxclients} that may wait for a loop that refuses them with a word; more are just closed.
     */
    private static final int WAITING_MAX = 1024;

    private static final long PAUSE_MS = 1_000;

    private final ClientRegistry registry;
    private final AttributeKey<Long> id;
    private final NodeLog log;

    Acceptance(ClientRegistry registry, AttributeKey<Long> id, NodeLog log) {
        this.registry = registry;
        this.id = id;
        this.log = log;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel client = (Channel) message;
        if (!registry.opened(WAITING_MAX)) {
            client.unsafe().closeForcibly();
            return;
        }
        client.closeFuture().addListener(_ -> registry.closed());
        client.attr(id).set(registry.nextId());
        context.fireChannelRead(message);
    }

    /** The system accepts no more, most likely for want of descriptors: clients wait in its queue for a moment. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.warning("Accepting client connection: " + cause.getMessage());
        Channel listening = context.channel();
        listening.config().setAutoRead(false);
        listening.eventLoop().schedule(() -> listening.config().setAutoRead(true), PAUSE_MS, TimeUnit.MILLISECONDS);
    }
}
