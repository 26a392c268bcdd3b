package io.granary.node.cluster;

import io.granary.gossip.NodeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/** One connection of the bus, dialled or accepted, with what it is known by. Everything here belongs to the bus's thread. */
final class BusLink extends ChannelInboundHandlerAdapter {

    /** The longest frame of a published message that a peer may send before it is known as a node of the cluster. */
    static final int UNKNOWN_PAYLOAD_BYTES_MAX = 16 * 1024;

    /** The longest frame of a published message: what a client can publish, and its channel. */
    static final int PAYLOAD_BYTES_MAX = 512 * 1024 * 1024 + 64 * 1024;

    private final ClusterBus bus;
    private final long number;
    private final boolean inbound;
    private final FrameReader reader = new FrameReader();
    private Channel channel;
    private NodeId peer;
    private boolean known;
    private boolean closed;

    BusLink(ClusterBus bus, long number, boolean inbound) {
        this.bus = bus;
        this.number = number;
        this.inbound = inbound;
    }

    long number() {
        return number;
    }

    /** Whether the peer dialled it. */
    boolean inbound() {
        return inbound;
    }

    /** The node at the other end, as far as it has said so; null before. */
    NodeId peer() {
        return peer;
    }

    /** Notes who is at the other end, and whether that is a node of the cluster. */
    void peer(NodeId id, boolean isKnown) {
        peer = id;
        known = isKnown;
    }

    boolean known() {
        return known;
    }

    /** Bytes that wait to be sent. */
    long pendingBytes() {
        return channel == null || channel.unsafe().outboundBuffer() == null
                ? 0
                : channel.unsafe().outboundBuffer().totalPendingWriteBytes();
    }

    boolean isUp() {
        return channel != null && channel.isActive();
    }

    String localIp() {
        return address((InetSocketAddress) channel.localAddress());
    }

    String peerIp() {
        return address((InetSocketAddress) channel.remoteAddress());
    }

    private static String address(InetSocketAddress address) {
        return address == null ? "" : NetUtil.toAddressString(address.getAddress());
    }

    void write(byte[] frame) {
        channel.write(Unpooled.wrappedBuffer(frame), channel.voidPromise());
    }

    void flush() {
        channel.flush();
    }

    /** Closes the link without a word to the machine, which asked for it. */
    void close() {
        closed = true;
        if (channel != null) {
            channel.close();
        }
    }

    boolean closed() {
        return closed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (closed) {
            context.close();
        } else {
            bus.opened(this);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            int payloadLimit = known ? PAYLOAD_BYTES_MAX : UNKNOWN_PAYLOAD_BYTES_MAX;
            if (!closed && !reader.read(in, payloadLimit, this::received)) {
                bus.nonsense(this, reader.refusal());
            }
        } finally {
            in.release();
        }
    }

    private void received(byte[] frame) {
        if (!closed) {
            bus.received(this, frame);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        bus.lost(this, false);
    }

    @Override
    @SuppressWarnings("deprecation") // a broken link is an event of the machine, not an exception
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
