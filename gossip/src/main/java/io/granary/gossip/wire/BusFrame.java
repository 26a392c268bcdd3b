package io.granary.gossip.wire;

import java.nio.ByteBuffer;

/** The first bytes of a frame, judged before anything of it is kept. */
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
        return new Refused("");
    }
}
