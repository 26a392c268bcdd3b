package io.granary.node.process;

import java.util.concurrent.CountDownLatch;

/** The wish that the process ends: made once, by a signal or by SHUTDOWN, and waited for by the main thread. */
public final class Shutdown {
    private final CountDownLatch requested = new CountDownLatch(1);

    /** Asks for an orderly end; returns at once, and may be called by any thread, again and again. */
    public void request() {
        requested.countDown();
    }

    public boolean isRequested() {
        return requested.getCount() == 0;
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
