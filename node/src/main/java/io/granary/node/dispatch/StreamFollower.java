package io.granary.node.dispatch;

import io.granary.resp.Request;
import io.granary.slots.command.Command;
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

    /** Whether a request is no change, but a question to whoever follows the stream. */
    boolean asks(Request request);

    /** The other node asks something: everything before was applied. No lock is held. */
    void asked(Request request) throws StreamException;

    /**
     * Whether the stream may hold such a request.
     *
     * @param slot of the keys; negative if it has none
     */
    default boolean admits(Command<?> command, int slot) {
        return true;
    }

    /** A request was applied, and answered with an error. */
    void erred(String command, String error);

    /**
     * A request is none that this node has, so the stream ends in front of it; {@code command} is null if it has no name.
     */
    default void refused(String command, String error) { }
}
