package io.granary.node.snapshot;

import io.granary.persistence.rdb.RdbOrigin;
import java.util.Optional;
import java.util.function.Supplier;

/** The snapshots of a node, one at a time: for replicas, and for the file. */
public final class Snapshots {

    /** Whether a snapshot is under way. */
    public boolean running() {
        throw new UnsupportedOperationException();
    }

    /**
     * Begins a snapshot for replicas on a thread of its own, and returns at once; empty while another one is under way.
     *
     * @param atTheCut run on that thread at the moment that the snapshot shows, with all slots locked; tells where the
     *     replication log stands there. What it throws makes the snapshot fail
     */
    public Optional<RdbStream> stream(RdbForm form, Supplier<RdbOrigin.ReplicationPoint> atTheCut, ChunkSink sink) {
        throw new UnsupportedOperationException();
    }

    /** Has a task run whenever a snapshot has ended, on the thread that it ran on: another one can begin then. */
    public void onEnd(Runnable task) {
        throw new UnsupportedOperationException();
    }
}
