package io.granary.gossip.wire;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.SlotBitmap;
import io.granary.gossip.SlotGrant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Whole frames to messages, checked field by field. All arithmetic on lengths that a peer sent is done in long, against the
 * length of the frame that is really there, before anything is read or allocated.
 */
public final class BusDecoder {

    /** What may be said of a third node: whether it is oneself is nobody else's to say. */
    private static final int GOSSIP_FLAGS =
            NodeFlag.bits(EnumSet.complementOf(EnumSet.of(NodeFlag.MYSELF)));

    private BusDecoder() {}

    /** What became of a frame. */
    public sealed interface Decoded {}

    public record Message(BusMessage message) implements Decoded {}

    /** Well-formed, of a type that is unknown here: skip it. */
    public record Ignored(int type) implements Decoded {}

    /** Malformed: drop the frame and log the reason; the link is still in step. */
    public record Refused(String reason) implements Decoded {}

    /** Why a frame is refused; never leaves this class. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String reason) {
            super(reason, null, false, false);
        }
    }

    /** Reads the frame between position and limit; the buffer stays as it is. */
    public static Decoded decode(ByteBuffer frame) {
        ByteBuffer in = frame.slice();
        if (in.remaining() < BusFrame.PREFIX_BYTES) {
            return new Refused("shorter than its first fields");
        }
        switch (BusFrame.lengthOf(in, Integer.MAX_VALUE)) {
            case BusFrame.Refused refused -> {
                return new Refused(refused.reason());
            }
            case BusFrame.Length length -> {
                if (length.bytes() != in.remaining()) {
                    return new Refused("length " + length.bytes() + " in a frame of " + in.remaining());
                }
            }
        }
        int code = unsigned(in, BusLayout.TYPE_AT);
        MessageType type = MessageType.of(code);
        if (type == null) {
            return new Ignored(code);
        }
        try {
            return new Message(message(in, type));
        } catch (Malformed malformed) {
            return new Refused(type.word() + ": " + malformed.getMessage());
        }
    }

    private static BusMessage message(ByteBuffer in, MessageType type) throws Malformed {
        BusHeader header = header(in);
        return switch (type) {
            case PING, PONG, MEET -> heartbeat(in, type, header);
            case FAIL -> new BusMessage.Fail(header, id(in, BusLayout.HEADER_BYTES));
            case PUBLISH, PUBLISHSHARD -> publish(in, type, header);
            case UPDATE ->
                new BusMessage.Update(
                        header,
                        epoch(in, BusLayout.HEADER_BYTES),
                        id(in, BusLayout.HEADER_BYTES + 8),
                        SlotBitmap.read(in, BusLayout.HEADER_BYTES + 48));
            case FAILOVER_AUTH_REQUEST -> new BusMessage.FailoverAuthRequest(header);
            case FAILOVER_AUTH_ACK -> new BusMessage.FailoverAuthAck(header);
            case MFSTART -> new BusMessage.MfStart(header);
            case MODULE -> module(in, header);
        };
    }

    private static BusHeader header(ByteBuffer in) throws Malformed {
        return new BusHeader(
                id(in, BusLayout.SENDER_AT),
                epoch(in, BusLayout.CURRENT_EPOCH_AT),
                epoch(in, BusLayout.CONFIG_EPOCH_AT),
                in.getLong(BusLayout.OFFSET_AT),
                SlotBitmap.read(in, BusLayout.SLOTS_AT),
                in.get(BusLayout.PRIMARY_AT) == 0 ? absentId(in) : id(in, BusLayout.PRIMARY_AT),
                address(in, BusLayout.IP_AT),
                unsigned(in, BusLayout.PORT_AT),
                unsigned(in, BusLayout.SECOND_PORT_AT),
                unsigned(in, BusLayout.BUS_PORT_AT),
                unsigned(in, BusLayout.FLAGS_AT) & NodeFlag.bits(EnumSet.allOf(NodeFlag.class)),
                in.get(BusLayout.STATE_AT) == 0,
                in.get(BusLayout.MESSAGE_FLAGS_AT) & 0xff,
                stamp(in));
    }

    private static BusHeader.Stamp stamp(ByteBuffer in) {
        return unsigned(in, BusLayout.STAMP_AT) == BusLayout.STAMP_MARK
                ? new BusHeader.Stamp(
                        in.getLong(BusLayout.BOOT_AT),
                        in.getLong(BusLayout.SEQUENCE_AT),
                        in.getLong(BusLayout.ANSWERED_AT),
                        unsigned(in, BusLayout.PROMISE_AT),
                        (in.get(BusLayout.STAMP_FLAGS_AT) & BusLayout.STAMP_STANDING) != 0,
                        (in.get(BusLayout.STAMP_FLAGS_AT) & BusLayout.STAMP_BEHIND) != 0,
                        (in.get(BusLayout.STAMP_FLAGS_AT) & BusLayout.STAMP_SURE) != 0)
                : null;
    }

    private static BusMessage heartbeat(ByteBuffer in, MessageType type, BusHeader header) throws Malformed {
        int count = unsigned(in, BusLayout.COUNT_AT);
        long gossipEnd = BusLayout.HEADER_BYTES + (long) count * BusLayout.GOSSIP_BYTES;
        if (count > BusLayout.GOSSIP_LIMIT || gossipEnd > in.limit()) {
            throw new Malformed(count + " gossip entries in a frame of " + in.limit());
        }
        List<GossipEntry> gossip = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            gossip.add(entry(in, BusLayout.HEADER_BYTES + i * BusLayout.GOSSIP_BYTES, header));
        }
        int extensions = header.has(BusHeader.EXTENSIONS) ? unsigned(in, BusLayout.EXTENSIONS_AT) : 0;
        return new BusMessage.Heartbeat(type, header, gossip, extensions(in, (int) gossipEnd, extensions));
    }

    private static GossipEntry entry(ByteBuffer in, int at, BusHeader header) throws Malformed {
        return new GossipEntry(
                id(in, at),
                Integer.toUnsignedLong(in.getInt(at + 40)),
                Integer.toUnsignedLong(in.getInt(at + 44)),
                address(in, at + 48),
                unsigned(in, at + 94),
                unsigned(in, at + 100),
                unsigned(in, at + 96),
                unsigned(in, at + 98) & GOSSIP_FLAGS,
                header.stamp() == null ? 0 : contested(unsigned(in, at + BusLayout.CONTESTED_AT), header.currentEpoch()));
    }

    private static long contested(int behind, long currentEpoch) {
        return behind == 0 ? 0 : Math.max(0, currentEpoch - (behind - 1));
    }

    private static List<PingExtension> extensions(ByteBuffer in, int start, int count) throws Malformed {
        List<PingExtension> extensions = new ArrayList<>();
        int at = start;
        for (int i = 0; i < count; i++) {
            int left = in.limit() - at;
            if (left < BusLayout.EXTENSION_HEADER_BYTES) {
                throw new Malformed("extension " + i + " is missing");
            }
            long length = Integer.toUnsignedLong(in.getInt(at));
            if (length < BusLayout.EXTENSION_HEADER_BYTES || length % 8 != 0 || length > left) {
                throw new Malformed("extension " + i + " of " + length + " bytes where " + left + " are left");
            }
            PingExtension extension =
                    extension(in, unsigned(in, at + 4), at + BusLayout.EXTENSION_HEADER_BYTES, at + (int) length);
            if (extension != null) {
                extensions.add(extension);
            }
            at += (int) length;
        }
        if (at != in.limit()) {
            throw new Malformed((in.limit() - at) + " bytes too many");
        }
        return extensions;
    }

    /** Null for a type that is unknown here, and for a name that nobody else could store. */
    private static PingExtension extension(ByteBuffer in, int type, int from, int to) throws Malformed {
        switch (type) {
            case BusLayout.HOSTNAME -> {
                String name = text(in, from, to);
                if (!Names.isHostname(name)) {
                    throw new Malformed("not a hostname");
                }
                return new PingExtension.Hostname(name);
            }
            case BusLayout.HUMAN_NAME -> {
                String name = text(in, from, to);
                return Names.isHumanName(name) ? new PingExtension.HumanName(name) : null;
            }
            case BusLayout.FORGOTTEN_NODE -> {
                atLeast(BusLayout.FORGOTTEN_NODE_BYTES, from, to);
                long ttlS = in.getLong(from + NodeId.LENGTH);
                return new PingExtension.ForgottenNode(id(in, from), ttlS < 0 ? Long.MAX_VALUE : ttlS);
            }
            case BusLayout.SHARD_ID -> {
                atLeast(BusLayout.SHARD_ID_BYTES, from, to);
                return new PingExtension.ShardId(id(in, from).hex());
            }
            case BusLayout.GRANTED -> {
                atLeast(BusLayout.GRANTED_BYTES, from, to);
                SlotGrant grant = new SlotGrant(
                        id(in, from),
                        id(in, from + NodeId.LENGTH).hex(),
                        id(in, from + 2 * NodeId.LENGTH),
                        epoch(in, from + BusLayout.GRANTED_EPOCH_AT),
                        SlotBitmap.read(in, from + BusLayout.GRANTED_SLOTS_AT));
                return grant.slots().isEmpty() ? null : new PingExtension.Granted(grant);
            }
            default -> {
                return null;
            }
        }
    }

    private static BusMessage publish(ByteBuffer in, MessageType type, BusHeader header) throws Malformed {
        long channel = Integer.toUnsignedLong(in.getInt(BusLayout.HEADER_BYTES));
        long message = Integer.toUnsignedLong(in.getInt(BusLayout.HEADER_BYTES + 4));
        int start = BusLayout.HEADER_BYTES + BusLayout.PUBLISH_BYTES;
        if (start + channel + message != in.limit()) {
            throw new Malformed("channel of " + channel + " and message of " + message + " in a frame of " + in.limit());
        }
        return new BusMessage.Publish(
                type, header, bytes(in, start, (int) channel), bytes(in, start + (int) channel, (int) message));
    }

    private static BusMessage module(ByteBuffer in, BusHeader header) throws Malformed {
        long payload = Integer.toUnsignedLong(in.getInt(BusLayout.HEADER_BYTES + 8));
        int start = BusLayout.HEADER_BYTES + BusLayout.MODULE_BYTES;
        if (start + payload != in.limit()) {
            throw new Malformed("payload of " + payload + " in a frame of " + in.limit());
        }
        return new BusMessage.Module(
                header,
                in.getLong(BusLayout.HEADER_BYTES),
                in.get(BusLayout.HEADER_BYTES + 12) & 0xff,
                bytes(in, start, (int) payload));
    }

    private static void atLeast(int needed, int from, int to) throws Malformed {
        if (to - from < needed) {
            throw new Malformed("extension data of " + (to - from) + " bytes instead of " + needed);
        }
    }

    private static int unsigned(ByteBuffer in, int at) {
        return Short.toUnsignedInt(in.getShort(at));
    }

    /** Epochs count elections: one with the highest bit set is no epoch, and would let every later sum overflow. */
    private static long epoch(ByteBuffer in, int at) throws Malformed {
        long epoch = in.getLong(at);
        if (epoch < 0) {
            throw new Malformed("epoch " + Long.toUnsignedString(epoch));
        }
        return epoch;
    }

    private static NodeId id(ByteBuffer in, int at) throws Malformed {
        String hex = new String(bytes(in, at, NodeId.LENGTH), StandardCharsets.ISO_8859_1);
        if (!NodeId.isValid(hex)) {
            throw new Malformed("not a node id");
        }
        return new NodeId(hex);
    }

    private static NodeId absentId(ByteBuffer in) throws Malformed {
        for (int i = 0; i < NodeId.LENGTH; i++) {
            if (in.get(BusLayout.PRIMARY_AT + i) != 0) {
                throw new Malformed("not a node id");
            }
        }
        return null;
    }

    private static String address(ByteBuffer in, int at) throws Malformed {
        String address = text(in, at, at + BusLayout.IP_BYTES);
        if (!Names.isAddress(address)) {
            throw new Malformed("not an address");
        }
        return address;
    }

    /** The text that a NUL ends; Redis leaves old bytes behind the NUL here and there, so they are not looked at. */
    private static String text(ByteBuffer in, int from, int to) throws Malformed {
        for (int end = from; end < to; end++) {
            if (in.get(end) == 0) {
                return new String(bytes(in, from, end - from), StandardCharsets.ISO_8859_1);
            }
        }
        throw new Malformed("text without an end");
    }

    private static byte[] bytes(ByteBuffer in, int from, int length) {
        byte[] bytes = new byte[length];
        in.get(from, bytes);
        return bytes;
    }
}
