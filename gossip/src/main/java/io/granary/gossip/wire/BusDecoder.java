package io.granary.gossip.wire;

import java.nio.ByteBuffer;

/** Whole frames to messages. */
public final class BusDecoder {

    private BusDecoder() {}

    /** What became of a frame. */
    public sealed interface Decoded {}

    public record Message(BusMessage message) implements Decoded {}

    /** Well-formed, of a type that is unknown here: skip it. */
    public record Ignored(int type) implements Decoded {}

    /** Malformed: drop the frame and log the reason; the link is still in step. */
    public record Refused(String reason) implements Decoded {}

    /** Reads the frame between position and limit; the buffer stays as it is. */
    public static Decoded decode(ByteBuffer frame) {
        return new Refused("");
    }
}
