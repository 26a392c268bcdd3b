package io.granary.node.dispatch;

import java.lang.foreign.MemorySegment;

/** Whoever has a primary's stream applied, and is told how that goes. */
public interface StreamFollower {

    /**
     * Whether the stream is still to be applied. Asked with a lock held without which this node does not change its role.
     */
    boolean current();

    /**
     * A unit was applied: a request, or all from MULTI to EXEC. Its locks are still held.
     *
     * @param database the one that the stream has selected then
     */
    void applied(MemorySegment bytes, long from, long length, int database);

    /** The primary asks how far this node has come: everything before was applied. */
    void asked();

    /** A request was applied, and answered with an error. */
    void erred(String command, String error);
}
