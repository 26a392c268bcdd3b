package io.granary.node.replication.replicas;

import io.granary.node.Clock;
import io.granary.node.client.BlockedClient;
import io.granary.node.client.ClientSession;
import io.granary.resp.ReplyWriter;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How far the replicas say they are, and who waits until they have what was written: clients with WAIT, and threads of this
 * node.
 */
public final class Acknowledgements {

    /** Replicas that keep up say once a second how far they are. */
    private static final long SILENT_SECONDS = 3;
    private static final long POLL_NANOS = 100_000;

    private final Supplier<? extends ReplicaProgress[]> replicas;
    private final LongSupplier offset;
    private final StreamRequests requests;
    private final Runnable wake;
    private final Clock clock;
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private volatile boolean any;
    /** Whether somebody waits for acknowledgements that nobody was asked for since: see {@link #askForThoseWhoWait}. */
    private final AtomicBoolean asking = new AtomicBoolean();

    /**
     * @param offset where the history ends
     * @param wake lets those who send the log look whether there is something to do
     */
    Acknowledgements(
            Supplier<? extends ReplicaProgress[]> replicas, LongSupplier offset, StreamRequests requests, Runnable wake,
            Clock clock) {
        this.replicas = replicas;
        this.offset = offset;
        this.requests = requests;
        this.wake = wake;
        this.clock = clock;
    }

    // ---- how far they are ----

    /** How many replicas that are online have everything up to an offset. */
    public int reached(long offset) {
        int count = 0;
        for (ReplicaProgress each : replicas.get()) {
            if (each.isOnline() && each.ackedOffset() >= offset) {
                count++;
            }
        }
        return count;
    }

    /** Whether every replica that is online has everything up to an offset. */
    public boolean allReached(long offset) {
        for (ReplicaProgress each : replicas.get()) {
            if (each.isOnline() && each.ackedOffset() < offset) {
                return false;
            }
        }
        return true;
    }

    /** Whether every replica, online or not, has acknowledged all that was written. */
    public boolean even() {
        return Arrays.stream(replicas.get()).allMatch(this::isEven);
    }

    boolean isEven(ReplicaProgress replica) {
        return replica.ackedOffset() >= offset.getAsLong();
    }

    /** Has the replicas say at once how far they are. */
    public void ask() {
        requests.askForAcknowledgements();
    }

    // ---- threads that wait ----

    /**
     * Waits, not on an event loop, until all replicas that keep up have everything written so far, but no longer than that;
     * returns whether they have. One that has been silent for {@value #SILENT_SECONDS} seconds is not waited for.
     */
    public boolean awaitAll(long timeoutMs) {
        long written = offset.getAsLong();
        long end = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        if (near(written)) {
            return true;
        }
        ask();
        while (!near(written)) {
            if (clock.nanos() - end >= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    private boolean near(long offset) {
        for (ReplicaProgress each : replicas.get()) {
            boolean keepsUp = each.isOnline() && each.lagSeconds() < SILENT_SECONDS;
            if (keepsUp && each.ackedOffset() < offset) {
                return false;
            }
        }
        return true;
    }

    // ---- clients that wait ----

    private final class Waiting implements BlockedClient.Ending {

        private final long offset;
        private final long wanted;
        private volatile BlockedClient client;

        Waiting(long offset, long wanted) {
            this.offset = offset;
            this.wanted = wanted;
        }

        @Override
        public void timedOut(ReplyWriter reply) {
            reply.integer(reached(offset));
        }

        @Override
        public void ended() {
            forget(this);
        }
    }

    /**
     * Answers the client when so many replicas have reached an offset, or its time is over. On its event loop, in its
     * command.
     */
    void await(ClientSession session, long offset, long wanted, long timeoutMs) {
        Waiting added = new Waiting(offset, wanted);
        synchronized (this) {
            waiting.add(added);
            any = true;
        }
        added.client = session.suspension().block(timeoutMs, added);
        // one may have said so in between
        acknowledged();
        asking.set(true);
        wake.run();
    }

    private synchronized void forget(Waiting gone) {
        waiting.remove(gone);
        any = !waiting.isEmpty();
    }

    /** Those that were begun to wait for. */
    private synchronized List<Waiting> all() {
        return waiting.stream().filter(each -> each.client != null).toList();
    }

    /** Whether {@link #askForThoseWhoWait} has something to ask. */
    boolean asks() {
        return asking.get();
    }

    /**
     * Asks on behalf of the clients that wait. Whoever sends the log does so in front of what it sends next: so the question
     * leaves with the writes that are waited for, and one is enough for all that have begun to wait until then.
     */
    void askForThoseWhoWait() {
        if (asking.get() && asking.compareAndSet(true, false)) {
            ask();
        }
    }

    /** A replica has said how far it is. */
    void acknowledged() {
        if (any) {
            for (Waiting each : all()) {
                int reached = reached(each.offset);
                if (reached >= each.wanted) {
                    each.client.answer(reply -> reply.integer(reached));
                }
            }
        }
    }

    /** Ends all waits of clients with an answer: this node leads no more. */
    public void abandon(Consumer<ReplyWriter> answer) {
        all().forEach(each -> each.client.answer(answer));
    }
}
