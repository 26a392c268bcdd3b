package io.granary.tools.cluster;

import java.io.IOException;

/** A point in time that waiting may not pass. */
public final class Deadline {

    private static final int POLL_MS = 25;

    private final long startedNs = System.nanoTime();
    private final long lengthNs;

    private Deadline(long lengthNs) {
        this.lengthNs = lengthNs;
    }

    public static Deadline inSeconds(int seconds) {
        return inMs(seconds * 1000L);
    }

    public static Deadline inMs(long ms) {
        return new Deadline(ms * 1_000_000);
    }

    public double elapsedSeconds() {
        return (System.nanoTime() - startedNs) / 1e9;
    }

    public boolean passed() {
        return System.nanoTime() - startedNs > lengthNs;
    }

    /** What {@link #await} waits for; may fail for good. */
    public interface Condition {
        boolean holds() throws IOException;
    }

    /** Asks again and again; false if the time ran out before the condition held. */
    public boolean await(Condition condition) throws IOException {
        while (!condition.holds()) {
            if (passed()) {
                return false;
            }
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
