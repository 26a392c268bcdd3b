package io.granary.node.client;

/**
 * What a client has become that follows this node's replication log: its connection carries the log from then on, and no
 * replies. Called on the connection's event loop, except where a method says otherwise.
 */
public interface Follower {

    /** The socket takes bytes again. */
    void writable();

    /** The connection is closed. */
    void gone();

    /** Bytes that wait to be sent to it. From any thread. */
    long waitingBytes();
}
