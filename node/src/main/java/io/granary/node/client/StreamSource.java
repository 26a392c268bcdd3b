package io.granary.node.client;

import io.granary.node.dispatch.StreamFollower;

/** Whoever has a stream applied that another node sends over a connection that it has made as a client. */
public interface StreamSource extends StreamFollower {

    /** Whether a read may be applied; if not, the connection ends. No lock is held. */
    boolean takes();

    /** A read was applied as far as it was whole; no lock is held. */
    void readApplied();

    /** The connection has ended, for that reason. Once, on its event loop. */
    void ended(String reason);
}
