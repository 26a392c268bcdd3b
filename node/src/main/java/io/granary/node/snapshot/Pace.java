package io.granary.node.snapshot;

import io.granary.node.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Lets clients go first while a snapshot is made: as long as the node serves some, turns are short, and the thread that
 * makes it rests behind each for as long as the turn took, or some times as long.
 *
 * <p><b>Why it rests.</b> Where event loops and snapshots share a core, a thread that never rests keeps a loop that wakes up
 * waiting for as long as the kernel lets any thread run on, some milliseconds, and each command would wait so long. One that
 * gives its core up thousands of times a second keeps nobody waiting for longer than a turn.
 *
 * <p><b>How long a turn is</b> is measured, since the first ones of a process run many times slower, before they are
 * compiled, and a lock is held during a part of each. The fastest of some turns counts: the others were held up themselves.
 */
public final class Pace {

    /** What the records are for. */
    public enum Purpose {

        /** A file, or replicas. */
        SNAPSHOT(12 * 1024, 1, TimeUnit.MICROSECONDS.toNanos(300)),

        /** Another node, which has less to do for what it gets in one piece, and works on it while this one rests. */
        MOVE(32 * 1024, 4, TimeUnit.MICROSECONDS.toNanos(600));

        /** What a turn takes at the most. */
        final int turnBytesMax;

        /** How many times as long as a turn took the rest behind it is. */
        final int rests;

        /** A turn that took longer than this allows has waited for something itself, which is no reason to rest. */
        final long restNanosMax;

        Purpose(int turnBytesMax, int rests, long restNanosMax) {
            this.turnBytesMax = turnBytesMax;
            this.rests = rests;
            this.restNanosMax = restNanosMax;
        }
    }

    private static final int TURN_BYTES_MIN = 1024;
    private static final long TURN_NANOS = TimeUnit.MICROSECONDS.toNanos(120);
    private static final int TURNS_MEASURED = 8;
    private static final long UNTOLD = -1;

    /** For so long behind the last command the node is taken to be serving. */
    private static final long SERVING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Clock clock;
    private final LongSupplier served;
    private final LongConsumer sleep;
    private final Purpose purpose;
    private long servedSoFar;
    private long servedNanos;
    private long turnNanos;
    /** How long the turn took, if that was told. */
    private long tookNanos = UNTOLD;
    private int bytes = TURN_BYTES_MIN;
    private int turns;
    private long fastestNanos = Long.MAX_VALUE;

    /**
     * @param served how many commands the node has run
     * @param sleep rests for so many nanoseconds
     */
    Pace(Clock clock, LongSupplier served, LongConsumer sleep, Purpose purpose) {
        this.clock = clock;
        this.served = served;
        this.sleep = sleep;
        this.purpose = purpose;
        servedSoFar = served.getAsLong();
        turnNanos = clock.nanos();
        servedNanos = turnNanos - SERVING_NANOS;
    }

    /** The turn is over before its thread rests: what the thread waits for until then, like a socket, is no part of it. */
    public void turned() {
        tookNanos = clock.nanos() - turnNanos;
    }

    /** Rests behind a turn, the next one of which begins when this returns; returns how many bytes that one may take. */
    public int rest() {
        long now = clock.nanos();
        long count = served.getAsLong();
        if (count != servedSoFar) {
            servedSoFar = count;
            servedNanos = now;
        }
        boolean serving = now - servedNanos < SERVING_NANOS;
        long took = tookNanos == UNTOLD ? now - turnNanos : tookNanos;
        tookNanos = UNTOLD;
        measure(took);
        if (serving) {
            sleep.accept(Math.min(took * purpose.rests, purpose.restNanosMax));
        }
        turnNanos = clock.nanos();
        return serving ? bytes : purpose.turnBytesMax;
    }

    private void measure(long nanos) {
        fastestNanos = Math.min(fastestNanos, nanos);
        if (++turns < TURNS_MEASURED) {
            return;
        }
        if (fastestNanos > TURN_NANOS) {
            bytes = Math.max(TURN_BYTES_MIN, bytes / 2);
        } else if (fastestNanos < TURN_NANOS / 2) {
            bytes = Math.min(purpose.turnBytesMax, bytes * 2);
        }
        turns = 0;
        fastestNanos = Long.MAX_VALUE;
    }
}
