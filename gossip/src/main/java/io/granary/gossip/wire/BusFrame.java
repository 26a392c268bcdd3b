package io.granary.gossip.wire;

import io.granary.gossip.NodeId;
import java.nio.ByteBuffer;

/**
 * The first bytes of a frame, judged before anything of it is kept: a peer that claims two gigabytes is refused on sixteen
 * bytes. Every type has its own largest length, and most have exactly one.
 */
public final class BusFrame {

    /** How many bytes of a frame tell its length and type. */
    public static final int PREFIX_BYTES = 16;

    private BusFrame() {}

    /** What the first bytes say. */
    public sealed interface Verdict {}

    /** A frame of so many bytes, the prefix among them, may be collected. */
    public record Length(int bytes) implements Verdict {}

    /** Nothing sensible can follow: close the link. */
    public record Refused(String reason) implements Verdict {}

    /**
     * Judges the first {@link #PREFIX_BYTES} bytes at the position of {@code in}, which stays where it is.
     *
     * @param payloadLimit the largest PUBLISH or MODULE frame to accept, in bytes; small for a peer that is not known yet
     */
    public static Verdict lengthOf(ByteBuffer in, int payloadLimit) {
        int start = in.position();
        if (in.getInt(start) != BusLayout.SIGNATURE) {
            return new Refused("bad signature");
        }
        int version = Short.toUnsignedInt(in.getShort(start + BusLayout.VERSION_AT));
        if (version != BusLayout.VERSION) {
            return new Refused("unknown version " + version);
        }
        int type = Short.toUnsignedInt(in.getShort(start + BusLayout.TYPE_AT));
        int count = Short.toUnsignedInt(in.getShort(start + BusLayout.COUNT_AT));
        long length = Integer.toUnsignedLong(in.getInt(start + BusLayout.TOTAL_LENGTH_AT));
        long least = leastLength(type, count);
        long most = mostLength(type, payloadLimit);
        if (length < least || length > most) {
            return new Refused("bad length " + length + " of a message of type " + type);
        }
        return new Length((int) length);
    }

    private static long leastLength(int code, int count) {
        return BusLayout.HEADER_BYTES
                + switch (MessageType.of(code)) {
                    case PING, PONG, MEET -> (long) count * BusLayout.GOSSIP_BYTES;
                    case FAIL -> NodeId.LENGTH;
                    case UPDATE -> BusLayout.UPDATE_BYTES;
                    case PUBLISH, PUBLISHSHARD -> BusLayout.PUBLISH_BYTES;
                    case MODULE -> BusLayout.MODULE_BYTES;
                    case FAILOVER_AUTH_REQUEST, FAILOVER_AUTH_ACK, MFSTART -> 0;
                    case null -> 0;
                };
    }

    private static long mostLength(int code, int payloadLimit) {
        return switch (MessageType.of(code)) {
            case PING, PONG, MEET -> BusLayout.HEARTBEAT_LIMIT;
            case PUBLISH, PUBLISHSHARD, MODULE -> payloadLimit;
            case FAIL, UPDATE, FAILOVER_AUTH_REQUEST, FAILOVER_AUTH_ACK, MFSTART -> leastLength(code, 0);
            case null -> BusLayout.UNKNOWN_LIMIT;
        };
    }
}
