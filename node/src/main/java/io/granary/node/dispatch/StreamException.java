package io.granary.node.dispatch;

/** Why a primary's stream cannot be followed any further. What was applied until then is whole. */
public final class StreamException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean needsFullSync;

    private StreamException(String reason, boolean needsFullSync) {
        super(reason, null, false, false);
        this.needsFullSync = needsFullSync;
    }

    /** The bytes are no requests, so nobody knows where the next one begins. */
    public static StreamException unreadable(String reason) {
        return new StreamException(reason, true);
    }

    /** A request was understood and cannot be applied here; nothing of it was. */
    static StreamException inapplicable(String reason) {
        return new StreamException(reason, false);
    }

    /** A change was applied in part or not at all, and its place in the stream is past. */
    static StreamException diverged(String reason) {
        return new StreamException(reason, true);
    }

    /** This node has turned away from the primary meanwhile. */
    static StreamException superseded() {
        return new StreamException("the link is no longer the current one", false);
    }

    /** Whether only the primary's whole data can help: going on behind what was applied would not. */
    public boolean needsFullSync() {
        return needsFullSync;
    }
}
