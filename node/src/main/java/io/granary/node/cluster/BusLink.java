package io.granary.node.cluster;

import io.granary.gossip.NodeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;

/** One connection of the bus, dialled or accepted, with what it is known by. Everything here belongs to the bus's thread. */
final class BusLink extends ChannelInboundHandlerAdapter {

    /** Until its sender is known a peer may send no longer frame than this: enough for the gossip of a thousand nodes. */
    static final int UNKNOWN_FRAME_BYTES_MAX = 128 * 1024;

    /** The longest frame of a peer that is a node of the cluster; what is longer is not a message of this bus. */
    static final int FRAME_BYTES_MAX = 64 * 1024 * 1024;

    private final ClusterBus bus;
    private final long number;
    private final boolean inbound;
    private final long createdMs;
    private final FrameReader reader;
    private Channel channel;
    private NodeId peer;
    private boolean known;
    private boolean closed;

    BusLink(ClusterBus bus, long number, boolean inbound, long createdMs, FrameReader.Header header) {
        this.bus = bus;
        this.number = number;
        this.inbound = inbound;
        this.createdMs = createdMs;
        this.reader = new FrameReader(header);
    }

    long number() {
        return number;
    }

    /** Whether the peer dialled it. */
    boolean inbound() {
        return inbound;
    }

    long createdMs() {
        return createdMs;
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
        if (address == null) {
            return "";
        }
        String text = address.getAddress().getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
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
            if (!closed && !reader.read(in, known ? FRAME_BYTES_MAX : UNKNOWN_FRAME_BYTES_MAX, this::received)) {
                bus.nonsense(this);
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
