package io.granary.node.cluster;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts the bytes of one link into frames. The length in a frame's header is judged before anything is kept for it, and
 * memory is taken as bytes arrive, never because a header promises them.
 */
final class FrameReader {

    /** What a frame's first bytes say of it. */
    @FunctionalInterface
    interface Header {

        /** How many first bytes it takes. */
        int BYTES = 16;

        /**
         * The length of the whole frame in bytes, or less than {@link #BYTES} if it is not one that may be read.
         *
         * @param first the frame's first bytes, at least {@link #BYTES}
         */
        long length(byte[] first);
    }

    private static final int INITIAL_BYTES = 4096;

    private final Header header;
    private byte[] frame = new byte[INITIAL_BYTES];
    private int filled;
    private int length;

    FrameReader(Header header) {
        this.header = header;
    }

    /** Bytes held for a frame that is not complete. */
    int bufferedBytes() {
        return frame.length;
    }

    /**
     * Takes all bytes of {@code in}; {@code frames} is given each frame that became complete, as an array of its own.
     *
     * @param maxBytes the longest frame that this peer may send now
     * @return false when the peer does not speak the bus's protocol, or speaks too long: the link is of no more use
     */
    boolean read(ByteBuf in, long maxBytes, Consumer<byte[]> frames) {
        while (in.isReadable()) {
            if (length == 0) {
                fill(in, Header.BYTES);
                if (filled < Header.BYTES) {
                    return true;
                }
                long announced = header.length(frame);
                if (announced < Header.BYTES || announced > maxBytes) {
                    return false;
                }
                length = (int) announced;
            }
            fill(in, length);
            if (filled == length) {
                frames.accept(Arrays.copyOf(frame, length));
                length = 0;
                filled = 0;
                if (frame.length > 4 * INITIAL_BYTES) {
                    frame = new byte[INITIAL_BYTES];
                }
            }
        }
        return true;
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
