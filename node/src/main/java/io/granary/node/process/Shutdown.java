package io.granary.node.process;

import java.util.concurrent.CountDownLatch;

/** The wish that the process ends: made once, by a signal, by SHUTDOWN or by a fault, and waited for by the main thread. */
public final class Shutdown {
    private final CountDownLatch requested = new CountDownLatch(1);
    private volatile boolean failed;

    /** Asks for an orderly end; returns at once, and may be called by any thread, again and again. */
    public void request() {
        requested.countDown();
    }

    /** Asks for an end at once, since what is in memory may be wrong: nothing more is saved. As {@link #request} otherwise. */
    public void fail() {
        failed = true;
        requested.countDown();
    }

    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Whether the process ends for a fault of its own. */
    public boolean isFailed() {
        return failed;
    }

    void await() {
        while (true) {
            try {
                requested.await();
                return;
            } catch (InterruptedException _) {
                // Nobody has a reason to interrupt the main thread; the wish alone ends the wait.
            }
        }
    }
}
