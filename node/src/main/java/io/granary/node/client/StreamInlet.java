package io.granary.node.client;

import io.granary.node.dispatch.StreamException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Stands in front of a client's session from the moment when the client turns out to be another node that sends a
 * stream: what it sends is applied as it comes, and no longer run as requests.
 */
final class StreamInlet extends ChannelInboundHandlerAdapter {

    private final PrimarySession stream;
    private final StreamSource source;
    private String reason = "the connection was closed";

    StreamInlet(PrimarySession stream, StreamSource source) {
        this.stream = stream;
        this.source = source;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (source.takes()) {
                stream.read(in);
                source.readApplied();
            } else {
                context.close();
            }
        } catch (StreamException e) {
            reason = e.getMessage();
            context.close();
        } finally {
            in.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stream.close();
        source.ended(reason);
        context.fireChannelInactive();
    }
}
