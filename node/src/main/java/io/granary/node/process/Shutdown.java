package io.granary.node.process;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The wish that the process ends: of a signal, of SHUTDOWN or after a fault, and waited for by the main thread. It can be
 * refused, since the data cannot be saved; then another one may come.
 */
public final class Shutdown {

    private static final long POLL_MS = 10;

    private Wish wish;
    /** What is run for everybody who wished for the end, if it does not come. */
    private final List<Runnable> refusals = new ArrayList<>();
    private volatile boolean failed;
    private boolean heldUp;
    private boolean aborted;

    /** What becomes of the data at the end. */
    public enum Saving {
        /** It is saved if there are save points. */
        BY_SAVE_POINTS,
        ALWAYS,
        NEVER
    }

    /**
     * How the process is to end.
     *
     * @param hurried whether replicas that lag behind are not waited for
     * @param forced whether it ends even if the data cannot be saved
     * @param refused run if it does not end
     */
    public record Wish(Saving saving, boolean hurried, boolean forced, Runnable refused) {

        /**
         * A wish in words.
         *
         * @param words of {@code save}, {@code nosave}, {@code now} and {@code force}, in lower case and apart by spaces;
         *     others mean nothing
         */
        public static Wish of(String words, Runnable refused) {
            String spaced = ' ' + words + ' ';
            Saving saving = spaced.contains(" save ") ? Saving.ALWAYS
                    : spaced.contains(" nosave ") ? Saving.NEVER : Saving.BY_SAVE_POINTS;
            return new Wish(saving, spaced.contains(" now "), spaced.contains(" force "), refused);
        }
    }

    /** Asks for an orderly end; returns at once, from any thread. A wish that waits already is not changed, but shared. */
    public synchronized void request(Wish next) {
        refusals.add(next.refused());
        if (wish == null) {
            wish = next;
            aborted = false;
            notifyAll();
        }
    }

    /** Asks for an end at once, since what is in memory may be wrong: nothing more is saved. From any thread. */
    public synchronized void fail() {
        failed = true;
        notifyAll();
    }

    /** Forgets who need not be told any more that the end does not come. */
    public synchronized void forget(Runnable refused) {
        refusals.remove(refused);
    }

    /** Takes the wish back, which is possible as long as {@link #holdUp} waits; returns whether it was. */
    public synchronized boolean abort() {
        boolean possible = heldUp && !aborted;
        aborted |= possible;
        notifyAll();
        return possible;
    }

    /**
     * Lets the end wait for something.
     *
     * @param over whether the wait is over; asked again and again
     * @return false if the wish was taken back meanwhile
     */
    public synchronized boolean holdUp(BooleanSupplier over) {
        heldUp = true;
        try {
            while (!aborted && !failed && !over.getAsBoolean()) {
                wait(POLL_MS);
            }
        } catch (InterruptedException _) {
            // as below: the wish alone ends the wait, so there is no more waiting
        } finally {
            heldUp = false;
        }
        return !aborted;
    }

    public synchronized boolean isRequested() {
        return failed || wish != null;
    }

    /** Whether the process ends for a fault of its own. */
    public boolean isFailed() {
        return failed;
    }

    /** Waits for a wish; null after a fault. */
    synchronized Wish await() {
        while (!isRequested()) {
            try {
                wait();
            } catch (InterruptedException _) {
                // Nobody has a reason to interrupt the main thread; the wish alone ends the wait.
            }
        }
        return failed ? null : wish;
    }

    /** Forgets a wish that was not fulfilled, and tells all who had it. */
    void refuse() {
        List<Runnable> refused;
        synchronized (this) {
            refused = List.copyOf(refusals);
            refusals.clear();
            wish = null;
        }
        refused.forEach(Runnable::run);
    }
}
