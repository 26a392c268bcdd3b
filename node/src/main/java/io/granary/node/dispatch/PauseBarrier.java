package io.granary.node.dispatch;

import io.granary.slots.SlotSet;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.StripeLock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells when the last write that began before a pause has ended.
 *
 * <p>A command with keys looks for a pause again once it holds its slot's lock, so after the pause was set and every lock
 * was had once, none of them writes any more. Commands that take locks in their body (EXEC, FLUSHALL) have a {@link Gate}
 * each event loop instead: it is closed behind them before they look for a pause, and the pause is set before the gates are
 * looked at, so one of the two sees the other.
 */
public final class PauseBarrier {

    private static final long POLL_NANOS = 20_000;

    private final Keyspace keyspace;
    private final List<Gate> gates = new CopyOnWriteArrayList<>();

    public PauseBarrier(Keyspace keyspace) {
        this.keyspace = keyspace;
    }

    /** Whether an event loop is inside a command that writes and takes its locks itself. */
    static final class Gate {

        private volatile boolean inside;

        void enter() {
            inside = true;
        }

        void leave() {
            inside = false;
        }
    }

    /** A gate for one event loop. */
    Gate gate() {
        Gate gate = new Gate();
        gates.add(gate);
        return gate;
    }

    /**
     * Waits for writes that were under way when the pause was set. Not to be called with any slot's lock held, nor by a
     * thread that others wait for: a long command is waited for as well.
     */
    public void await() {
        for (int i = 0; i < keyspace.stripes(); i++) {
            pass(keyspace.stripe(i));
        }
        awaitGates();
    }

    /** As {@link #await()}, for writes to slots that are held. */
    public void await(SlotSet slots) {
        slots.forEach(slot -> pass(keyspace.lock(slot)));
        awaitGates();
    }

    private static void pass(StripeLock stripe) {
        stripe.lock();
        stripe.unlock();
    }

    private void awaitGates() {
        for (Gate gate : gates) {
            while (gate.inside) {
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }
}
