package io.granary.node.cluster;

import io.granary.gossip.wire.BusFrame;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts the bytes of one link into frames. The length in a frame's header is judged before anything is kept for it, and
 * memory is taken as bytes arrive, never because a header promises them.
 *
 * <p>Only what a client publishes on another node may be longer than {@link #KEPT_BYTES_MAX}, half a gigabyte even. Nobody
 * is subscribed here, so such a frame is passed over, and takes no memory at all.
 */
final class FrameReader {

    /** More than any heartbeat, of however many nodes it tells. */
    static final int KEPT_BYTES_MAX = 1024 * 1024;

    private static final int INITIAL_BYTES = 4096;

    private byte[] frame = new byte[INITIAL_BYTES];
    private int filled;
    private int length;
    private String refusal;

    /** Memory held for a frame that is not complete. */
    int bufferedBytes() {
        return frame.length;
    }

    /**
     * Takes all bytes of {@code in}; {@code frames} is given each frame that became complete, as an array of its own, but
     * for those that are passed over.
     *
     * @param payloadLimit the largest frame of a published message that this peer may send now, in bytes
     * @return false when the peer does not speak the bus's protocol, or too long: the link is of no more use
     */
    boolean read(ByteBuf in, int payloadLimit, Consumer<byte[]> frames) {
        while (in.isReadable()) {
            if (length == 0 && !begin(in, payloadLimit)) {
                return refusal == null;
            }
            if (length > KEPT_BYTES_MAX) {
                passOver(in);
                continue;
            }
            fill(in, length);
            if (filled == length) {
                frames.accept(Arrays.copyOf(frame, length));
                end();
            }
        }
        return true;
    }

    /** Why {@link #read} was false. */
    String refusal() {
        return refusal;
    }

    private boolean begin(ByteBuf in, int payloadLimit) {
        fill(in, BusFrame.PREFIX_BYTES);
        if (filled < BusFrame.PREFIX_BYTES) {
            return false;
        }
        switch (BusFrame.lengthOf(ByteBuffer.wrap(frame, 0, filled), payloadLimit)) {
            case BusFrame.Length(int bytes) -> length = bytes;
            case BusFrame.Refused(String reason) -> refusal = reason;
        }
        return refusal == null;
    }

    private void passOver(ByteBuf in) {
        int part = Math.min(length - filled, in.readableBytes());
        in.skipBytes(part);
        filled += part;
        if (filled == length) {
            end();
        }
    }

    private void end() {
        length = 0;
        filled = 0;
        if (frame.length > 4 * INITIAL_BYTES) {
            frame = new byte[INITIAL_BYTES];
        }
    }

    private void fill(ByteBuf in, int upTo) {
        int part = Math.min(upTo - filled, in.readableBytes());
        if (filled + part > frame.length) {
            int doubled = (int) Math.min(upTo, Math.max(filled + (long) part, frame.length * 2L));
            frame = Arrays.copyOf(frame, doubled);
        }
        in.readBytes(frame, filled, part);
        filled += part;
    }
}
