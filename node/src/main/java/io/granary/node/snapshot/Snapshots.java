package io.granary.node.snapshot;

import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** The snapshots of a node, one at a time: for replicas, and for the file. Each runs on a thread of its own. */
public final class Snapshots implements AutoCloseable {

    private final SnapshotServices services;
    private final List<Runnable> onEnd = new CopyOnWriteArrayList<>();

    /** The one that runs, or null. Changed under the monitor. */
    private volatile RdbStream current;
    private Thread thread;
    private boolean closed;

    public Snapshots(SnapshotServices services) {
        this.services = services;
    }

    /** Whether a snapshot is under way. */
    public boolean running() {
        return current != null;
    }

    /** The snapshot that is under way, or null. */
    RdbStream current() {
        return current;
    }

    /**
     * Begins a snapshot for replicas on a thread of its own, and returns at once; empty while another one is under way.
     *
     * @param atTheCut run on that thread at the moment that the snapshot shows, with all slots locked; tells where the
     *     replication log stands there. What it throws makes the snapshot fail
     */
    public synchronized Optional<RdbStream> stream(RdbForm form, Supplier<ReplicationPoint> atTheCut, ChunkSink sink) {
        if (closed || current != null) {
            return Optional.empty();
        }
        RdbStream stream = new RdbStream(services, form);
        thread = Thread.ofPlatform().daemon().name("snapshot").start(() -> run(stream, atTheCut, sink));
        current = stream;
        return Optional.of(stream);
    }

    /** As {@link #stream}, but on this thread, which may hold locks of slots; returns whether it could begin. */
    boolean streamHere(RdbForm form, Supplier<ReplicationPoint> atTheCut, ChunkSink sink) {
        RdbStream stream = new RdbStream(services, form);
        synchronized (this) {
            if (closed || current != null) {
                return false;
            }
            current = stream;
        }
        run(stream, atTheCut, sink);
        return true;
    }

    private void run(RdbStream stream, Supplier<ReplicationPoint> atTheCut, ChunkSink sink) {
        try {
            stream.run(atTheCut, sink);
        } finally {
            synchronized (this) {
                current = null;
            }
            onEnd.forEach(Runnable::run);
        }
    }

    /** Has a task run whenever a snapshot has ended, on the thread that it ran on: another one can begin then. */
    public void onEnd(Runnable task) {
        onEnd.add(task);
    }

    /** Gives up what is under way; no thread of a snapshot is left when this returns. */
    @Override
    public void close() {
        Thread last;
        synchronized (this) {
            closed = true;
            last = thread;
            RdbStream stream = current;
            if (stream != null) {
                stream.abort();
            }
        }
        if (last != null) {
            boolean interrupted = false;
            while (last.isAlive()) {
                try {
                    last.join();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
