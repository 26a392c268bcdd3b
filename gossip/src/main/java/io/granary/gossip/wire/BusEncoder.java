package io.granary.gossip.wire;

/** Messages to bytes. */
public final class BusEncoder {

    private BusEncoder() {}

    /** The whole frame. */
    public static byte[] encode(BusMessage message) {
        return new byte[0];
    }
}
