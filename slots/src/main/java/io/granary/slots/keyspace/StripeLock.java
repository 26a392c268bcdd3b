package io.granary.slots.keyspace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * The lock of a stripe of slots: re-entrant, cheap when nobody else wants it, spinning for a moment and then parking
 * when somebody does.
 *
 * <p>The owner's thread id is the whole state: taking the lock is one compare-and-set, releasing it one store and one
 * read of the number of parked threads. That store and that read are not ordered by a fence, which would cost as much
 * as the compare-and-set: a thread that is about to park may count itself just too late for the releasing thread to see
 * it, and not see the release itself. It therefore never parks for longer than {@link #PARK_NANOS}; the lost wake-up,
 * which needs a race of nanoseconds, costs that much and no more. A thread that comes along may take the lock before
 * one that was woken: commands are short, and a convoy would cost more than the unfairness.
 */
public final class StripeLock {

    private static final int SPINS = 200;
    private static final int YIELDS = 4;
    private static final long PARK_NANOS = 100_000;
    private static final VarHandle OWNER;
    private static final VarHandle PARKED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OWNER = lookup.findVarHandle(StripeLock.class, "owner", long.class);
            PARKED = lookup.findVarHandle(StripeLock.class, "parked", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The id of the thread that holds the lock, 0 while it is free. */
    private long owner;

    /** How often the owner holds it beyond the first time. */
    private int depth;

    /** Threads in {@link #queue}. */
    private int parked;

    private final Queue<Thread> queue = new ConcurrentLinkedQueue<>();

    public void lock() {
        long me = Thread.currentThread().threadId();
        if (!OWNER.compareAndSet(this, 0L, me)) {
            if ((long) OWNER.getOpaque(this) == me) {
                depth++;
            } else {
                await(me);
            }
        }
    }

    public boolean tryLock() {
        long me = Thread.currentThread().threadId();
        if (OWNER.compareAndSet(this, 0L, me)) {
            return true;
        }
        if ((long) OWNER.getOpaque(this) == me) {
            depth++;
            return true;
        }
        return false;
    }

    private boolean take(long me) {
        return (long) OWNER.getOpaque(this) == 0 && OWNER.compareAndSet(this, 0L, me);
    }

    private void await(long me) {
        for (int i = 0; i < SPINS; i++) {
            if (take(me)) {
                return;
            }
            Thread.onSpinWait();
        }
        for (int i = 0; i < YIELDS; i++) {
            if (take(me)) {
                return;
            }
            Thread.yield();
        }
        park(me);
    }

    private void park(long me) {
        Thread thread = Thread.currentThread();
        boolean interrupted = false;
        queue.add(thread);
        PARKED.getAndAdd(this, 1);
        while (!take(me)) {
            LockSupport.parkNanos(this, PARK_NANOS);
            interrupted |= Thread.interrupted();
        }
        PARKED.getAndAdd(this, -1);
        queue.remove(thread);
        if (interrupted) {
            thread.interrupt();
        }
    }

    public void unlock() {
        if (!heldByCurrentThread()) {
            throw new IllegalMonitorStateException("not the owner of this stripe");
        }
        if (depth > 0) {
            depth--;
            return;
        }
        OWNER.setRelease(this, 0L);
        if ((int) PARKED.getOpaque(this) != 0) {
            Thread waiting = queue.peek();
            if (waiting != null) {
                LockSupport.unpark(waiting);
            }
        }
    }

    public boolean heldByCurrentThread() {
        return (long) OWNER.getOpaque(this) == Thread.currentThread().threadId();
    }
}
