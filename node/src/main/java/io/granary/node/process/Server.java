package io.granary.node.process;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;

/** What a process runs: a node, or a test's stand-in. */
public interface Server {
    /** Listens and serves; returns when clients can connect. */
    void start() throws StartFailure;

    /**
     * Stops in order: no further clients, what is queued is done, sockets and files are closed. Not called after
     * {@link Shutdown#fail}: the process ends as if it had crashed.
     */
    void stop();

    /** Makes the server of a process. */
    interface Factory {
        /** @param shutdown what SHUTDOWN asks, and faults do */
        Server create(Configuration configuration, NodeLog log, Shutdown shutdown) throws StartFailure;
    }
}
