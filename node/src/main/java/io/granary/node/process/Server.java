package io.granary.node.process;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;

/** What a process runs: a node, or a test's stand-in. */
public interface Server {
    /**
     * Listens, reads its data, and serves; returns when clients are served.
     *
     * @param listening run as soon as clients can connect, who may have to wait for the data then
     */
    void start(Runnable listening) throws StartFailure;

    /** As the other. */
    default void start() throws StartFailure {
        start(() -> { });
    }

    /** Gets ready to end, which may mean to save the data; returns false if the server has to go on, as it then does. */
    boolean conclude(Shutdown.Wish wish);

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
