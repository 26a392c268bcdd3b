package io.granary.gossip.wire;

import io.granary.gossip.NodeId;
import io.granary.gossip.SlotGrant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Messages to bytes: big-endian numbers, texts padded with NUL. */
public final class BusEncoder {

    private BusEncoder() {}

    /** The whole frame. */
    public static byte[] encode(BusMessage message) {
        ByteBuffer out = ByteBuffer.allocate(lengthOf(message));
        putHeader(out, message);
        out.position(BusLayout.HEADER_BYTES);
        switch (message) {
            case BusMessage.Heartbeat heartbeat -> putHeartbeat(out, heartbeat);
            case BusMessage.Fail fail -> putText(out, fail.node().hex());
            case BusMessage.Publish publish ->
                out.putInt(publish.channel().length)
                        .putInt(publish.message().length)
                        .put(publish.channel())
                        .put(publish.message());
            case BusMessage.Update update -> {
                out.putLong(update.configEpoch());
                putText(out, update.node().hex());
                update.slots().write(out, out.position());
            }
            case BusMessage.Module module ->
                out.putLong(module.module())
                        .putInt(module.payload().length)
                        .put((byte) module.kind())
                        .put(module.payload());
            case BusMessage.FailoverAuthRequest _, BusMessage.FailoverAuthAck _, BusMessage.MfStart _ -> {}
        }
        return out.array();
    }

    /** How long the frame will be. */
    public static int lengthOf(BusMessage message) {
        return Math.addExact(
                BusLayout.HEADER_BYTES,
                switch (message) {
                    case BusMessage.Heartbeat heartbeat ->
                        heartbeat.gossip().size() * BusLayout.GOSSIP_BYTES + extensionBytes(heartbeat.extensions());
                    case BusMessage.Fail _ -> NodeId.LENGTH;
                    case BusMessage.Publish publish ->
                        Math.addExact(
                                Math.addExact(BusLayout.PUBLISH_BYTES, publish.channel().length),
                                publish.message().length);
                    case BusMessage.Update _ -> BusLayout.UPDATE_BYTES;
                    case BusMessage.Module module -> Math.addExact(BusLayout.MODULE_BYTES, module.payload().length);
                    case BusMessage.FailoverAuthRequest _, BusMessage.FailoverAuthAck _, BusMessage.MfStart _ -> 0;
                });
    }

    private static int extensionBytes(List<PingExtension> extensions) {
        int bytes = 0;
        for (PingExtension extension : extensions) {
            bytes += BusLayout.EXTENSION_HEADER_BYTES + BusLayout.aligned(dataBytes(extension));
        }
        return bytes;
    }

    private static int dataBytes(PingExtension extension) {
        return switch (extension) {
            case PingExtension.Hostname hostname -> hostname.name().length() + 1;
            case PingExtension.HumanName humanName -> humanName.name().length() + 1;
            case PingExtension.ForgottenNode _ -> BusLayout.FORGOTTEN_NODE_BYTES;
            case PingExtension.ShardId _ -> BusLayout.SHARD_ID_BYTES;
            case PingExtension.Granted _ -> BusLayout.GRANTED_BYTES;
        };
    }

    private static void putHeader(ByteBuffer out, BusMessage message) {
        BusHeader header = message.header();
        out.putInt(0, BusLayout.SIGNATURE);
        out.putInt(BusLayout.TOTAL_LENGTH_AT, out.capacity());
        putShort(out, BusLayout.VERSION_AT, BusLayout.VERSION);
        putShort(out, BusLayout.PORT_AT, header.port());
        putShort(out, BusLayout.TYPE_AT, message.type().code());
        out.putLong(BusLayout.CURRENT_EPOCH_AT, header.currentEpoch());
        out.putLong(BusLayout.CONFIG_EPOCH_AT, header.configEpoch());
        out.putLong(BusLayout.OFFSET_AT, header.offset());
        putText(out.position(BusLayout.SENDER_AT), header.sender().hex());
        header.slots().write(out, BusLayout.SLOTS_AT);
        if (header.primary() != null) {
            putText(out.position(BusLayout.PRIMARY_AT), header.primary().hex());
        }
        putText(out.position(BusLayout.IP_AT), header.ip());
        if (header.stamp() != null) {
            putStamp(out, header.stamp());
        }
        putShort(out, BusLayout.SECOND_PORT_AT, header.secondPort());
        putShort(out, BusLayout.BUS_PORT_AT, header.busPort());
        putShort(out, BusLayout.FLAGS_AT, header.flags());
        out.put(BusLayout.STATE_AT, (byte) (header.ok() ? 0 : 1));
        out.put(BusLayout.MESSAGE_FLAGS_AT, (byte) header.messageFlags());
    }

    private static void putStamp(ByteBuffer out, BusHeader.Stamp stamp) {
        putShort(out, BusLayout.STAMP_AT, BusLayout.STAMP_MARK);
        out.putLong(BusLayout.BOOT_AT, stamp.boot());
        out.putLong(BusLayout.SEQUENCE_AT, stamp.sequence());
        out.putLong(BusLayout.ANSWERED_AT, stamp.answered());
        putShort(out, BusLayout.PROMISE_AT, stamp.promiseMs());
        out.put(BusLayout.STAMP_VERSION_AT, (byte) BusLayout.STAMP_VERSION);
        out.put(BusLayout.STAMP_FLAGS_AT, (byte) ((stamp.behind() ? BusLayout.STAMP_BEHIND : 0)
                | (stamp.standing() ? BusLayout.STAMP_STANDING : 0)
                | (stamp.sure() ? BusLayout.STAMP_SURE : 0)));
    }

    private static void putHeartbeat(ByteBuffer out, BusMessage.Heartbeat heartbeat) {
        putShort(out, BusLayout.COUNT_AT, heartbeat.gossip().size());
        putShort(out, BusLayout.EXTENSIONS_AT, heartbeat.extensions().size());
        for (GossipEntry entry : heartbeat.gossip()) {
            int start = out.position();
            putText(out, entry.id().hex());
            out.putInt((int) entry.pingSentS()).putInt((int) entry.pongReceivedS());
            putText(out, entry.ip());
            out.position(start + 94);
            out.putShort((short) entry.port()).putShort((short) entry.busPort());
            out.putShort((short) entry.flags()).putShort((short) entry.secondPort());
            out.putShort((short) contested(entry, heartbeat.header().currentEpoch()));
            out.position(start + BusLayout.GOSSIP_BYTES);
        }
        for (PingExtension extension : heartbeat.extensions()) {
            int start = out.position();
            int length = BusLayout.EXTENSION_HEADER_BYTES + BusLayout.aligned(dataBytes(extension));
            out.putInt(length).putShort((short) code(extension)).putShort((short) 0);
            switch (extension) {
                case PingExtension.Hostname hostname -> putText(out, hostname.name());
                case PingExtension.HumanName humanName -> putText(out, humanName.name());
                case PingExtension.ForgottenNode forgotten -> {
                    putText(out, forgotten.id().hex());
                    out.putLong(forgotten.ttlS());
                }
                case PingExtension.ShardId shard -> putText(out, shard.id());
                case PingExtension.Granted(SlotGrant grant) -> putGrant(out, grant);
            }
            out.position(start + length);
        }
    }

    private static void putGrant(ByteBuffer out, SlotGrant grant) {
        int start = out.position();
        putText(out, grant.holder().hex());
        putText(out, grant.job());
        putText(out, grant.target().hex());
        out.putLong(grant.epoch());
        grant.slots().write(out, start + BusLayout.GRANTED_SLOTS_AT);
    }

    /** An election further back than there is room for is told as a later one, which says more than is so, never less. */
    private static int contested(GossipEntry entry, long currentEpoch) {
        if (entry.contestedEpoch() == 0) {
            return 0;
        }
        long behind = Math.max(0, currentEpoch - entry.contestedEpoch());
        return (int) Math.min(behind + 1, BusLayout.CONTESTED_LIMIT);
    }

    private static int code(PingExtension extension) {
        return switch (extension) {
            case PingExtension.Hostname _ -> BusLayout.HOSTNAME;
            case PingExtension.HumanName _ -> BusLayout.HUMAN_NAME;
            case PingExtension.ForgottenNode _ -> BusLayout.FORGOTTEN_NODE;
            case PingExtension.ShardId _ -> BusLayout.SHARD_ID;
            case PingExtension.Granted _ -> BusLayout.GRANTED;
        };
    }

    private static void putShort(ByteBuffer out, int at, int value) {
        out.putShort(at, (short) value);
    }

    private static void putText(ByteBuffer out, String text) {
        out.put(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
