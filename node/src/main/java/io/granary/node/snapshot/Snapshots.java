package io.granary.node.snapshot;

import io.granary.node.priority.ThreadPriority;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/** The snapshots of a node, one at a time: for replicas, and for the file. Each runs on a thread of its own. */
public final class Snapshots implements AutoCloseable {

    private final SnapshotServices services;
    private final ThreadFactory threads = ThreadPriority.BACKGROUND.factory(Thread.ofPlatform().daemon().name("snapshot"));
    private final List<Runnable> onEnd = new CopyOnWriteArrayList<>();

    /** The one that runs, or null. Changed under the monitor. */
    private volatile RdbStream current;
    private Thread thread;
    /** How to have a snapshot given up that somebody else makes, or null. Changed under the monitor. */
    private volatile Runnable borrower;
    private volatile long lastCopiedBytes;
    private boolean barred;
    private boolean closed;

    public Snapshots(SnapshotServices services) {
        this.services = services;
    }

    /** Whether a snapshot is under way. */
    public boolean running() {
        return current != null || borrower != null;
    }

    /** Whether no snapshot can begin now. */
    synchronized boolean busy() {
        return closed || barred || running();
    }

    /** The snapshot that is under way, or null. */
    RdbStream current() {
        return current;
    }

    /** The most that the last snapshot held beside the data at a time, in bytes. */
    long lastCopiedBytes() {
        return lastCopiedBytes;
    }

    /**
     * Begins a snapshot for replicas on a thread of its own, and returns at once; empty while another one is under way.
     *
     * @param atTheCut run on that thread at the moment that the snapshot shows, with all slots locked; tells where the
     *     replication log stands there. What it throws makes the snapshot fail
     */
    public synchronized Optional<RdbStream> stream(RdbForm form, Supplier<ReplicationPoint> atTheCut, ChunkSink sink) {
        if (busy()) {
            return Optional.empty();
        }
        RdbStream stream = new RdbStream(services, form);
        thread = threads.newThread(() -> run(stream, atTheCut, sink));
        thread.start();
        current = stream;
        return Optional.of(stream);
    }

    /** As {@link #stream}, but on this thread, which may hold locks of slots, and even while others are barred. */
    boolean streamHere(RdbForm form, Supplier<ReplicationPoint> atTheCut, ChunkSink sink) {
        RdbStream stream = new RdbStream(services, form);
        synchronized (this) {
            if (closed || running()) {
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
            lastCopiedBytes = stream.copiedBytesMost();
            synchronized (this) {
                current = null;
            }
            onEnd.forEach(Runnable::run);
        }
    }

    /**
     * Leaves it to somebody else to walk the keyspace, until {@link #handBack}; false while that cannot begin.
     *
     * @param giveUp has the walk given up soon; from any thread, whatever it holds
     */
    public synchronized boolean lend(Runnable giveUp) {
        if (busy()) {
            return false;
        }
        borrower = giveUp;
        return true;
    }

    /** How fast a walk may go, from now on. */
    public Pace pace(Pace.Purpose purpose) {
        return services.pace(purpose);
    }

    /** The walk has ended. No lock is held. */
    public void handBack() {
        synchronized (this) {
            borrower = null;
            notifyAll();
        }
        onEnd.forEach(Runnable::run);
    }

    /** Has a task run whenever a snapshot has ended, on the thread that it ran on: another one can begin then. */
    public void onEnd(Runnable task) {
        onEnd.add(task);
    }

    /** Gives up what is under way, soon. From any thread, whatever it holds. */
    public void abort() {
        RdbStream stream = current;
        if (stream != null) {
            stream.abort();
        }
        Runnable other = borrower;
        if (other != null) {
            other.run();
        }
    }

    /** Lets no further snapshot begin but on the thread of {@link #streamHere}, and gives up what is under way. */
    public void bar() {
        Thread last;
        synchronized (this) {
            barred = true;
            last = thread;
        }
        abort();
        if (last != null) {
            awaitEnd(last);
        }
        awaitReturn();
    }

    private synchronized void awaitReturn() {
        boolean interrupted = false;
        while (borrower != null) {
            try {
                wait();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets snapshots begin again. */
    public synchronized void unbar() {
        barred = false;
    }

    private static void awaitEnd(Thread ending) {
        boolean interrupted = false;
        while (ending.isAlive()) {
            try {
                ending.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives up what is under way; no thread of a snapshot is left when this returns. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        bar();
    }
}
