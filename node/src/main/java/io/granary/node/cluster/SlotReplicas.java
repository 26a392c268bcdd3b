package io.granary.node.cluster;

/** The replicas of this node, as far as they are told of slots on their way. */
public interface SlotReplicas {

    /** Whether there are replicas, and all of them understand SETSLOT in the stream. */
    boolean understandSlots();

    /** Puts a request into the stream. */
    void tell(byte[] request);

    /** Waits, not on an event loop, until all that keep up have confirmed what they were told; false if not so soon. */
    boolean awaitAll(long timeoutMs);
}
