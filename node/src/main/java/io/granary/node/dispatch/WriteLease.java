package io.granary.node.dispatch;

import io.granary.node.Clock;
import io.granary.node.client.ClientSession;
import io.granary.node.client.Suspension;
import java.util.ArrayList;
import java.util.List;

/**
 * Until when this node may acknowledge writes, as the cluster's machine last said, and the clients that wait for more.
 *
 * <p>A write that comes when the lease has lapsed waits before it runs; replies to writes that ran while it lapsed wait
 * before they are sent. Both go on as soon as the lease is renewed, which takes the machine a round trip to a majority of
 * primaries. They are given up when this node has another primary now, or when they have waited for a whole node timeout.
 * Everything here is by the monotonic clock, which goes on while the process stands still. Outside of a cluster the lease
 * holds for ever.
 */
public final class WriteLease {

    private final Clock clock;
    private final List<ClientSession> waiting = new ArrayList<>();
    private volatile boolean limited;
    private volatile long untilNanos;
    /** Whether waiting has been given up, until the lease is renewed. */
    private volatile boolean abandoned;
    /** Counts how often this node has lost what it held: replies from an earlier term are never sent. */
    private volatile int term;
    private long waitingSinceNanos;

    public WriteLease(Clock clock) {
        this.clock = clock;
    }

    /** What becomes of replies that wait. */
    public enum Verdict { SEND, WAIT, REFUSE }

    // ---- what event loops ask ----

    /** Whether writes may be acknowledged at this moment, which is recent. */
    public boolean holds(long nanos) {
        return !limited || untilNanos - nanos > 0;
    }

    /**
     * For how many nanoseconds writes may still be acknowledged, none if negative; the largest number if nobody limits it.
     */
    public long remainingNanos() {
        return limited ? untilNanos - clock.nanos() : Long.MAX_VALUE;
    }

    /** Whether it is of no use to wait. */
    boolean abandoned() {
        return abandoned;
    }

    public int term() {
        return term;
    }

    /** What becomes of replies that were withheld in a term. */
    public Verdict verdict(int withheldIn) {
        if (withheldIn != term || abandoned) {
            return Verdict.REFUSE;
        }
        return holds(clock.nanos()) ? Verdict.SEND : Verdict.WAIT;
    }

    /** Lets the client wait for {@link Suspension#leaseChanged}; false if the lease holds again. */
    public synchronized boolean suspends(ClientSession session) {
        long now = clock.nanos();
        if (holds(now)) {
            return false;
        }
        if (waiting.isEmpty()) {
            waitingSinceNanos = now;
        }
        session.suspension().suspend();
        waiting.add(session);
        return true;
    }

    // ---- what the cluster tells ----

    /** Renews the lease, or says that it has not been renewed since. */
    public void until(long nanos) {
        untilNanos = nanos;
        limited = true;
        if (nanos - clock.nanos() > 0) {
            abandoned = false;
            wakeAll();
        }
    }

    /** This node needs nobody's consent: it is the only one that could give it. */
    public void unlimited() {
        limited = false;
        abandoned = false;
        wakeAll();
    }

    /** This node is a primary no more: what it has not acknowledged, it never will. */
    public void lost() {
        term = term + 1;
        untilNanos = clock.nanos();
        limited = true;
        wakeAll();
    }

    /** Gives up waiting that has lasted so long; called now and then. */
    public void tick(long patienceNanos) {
        if (hasWaited(patienceNanos)) {
            abandoned = true;
            wakeAll();
        }
    }

    private synchronized boolean hasWaited(long patienceNanos) {
        waiting.removeIf(ClientSession::closing);
        return !waiting.isEmpty() && clock.nanos() - waitingSinceNanos > patienceNanos;
    }

    private synchronized void wakeAll() {
        waiting.forEach(each -> each.suspension().leaseChanged());
        waiting.clear();
    }
}
