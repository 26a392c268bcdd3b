package io.granary.node;

/** The time, as the node takes it: one place, so that a test can hand in another. */
public interface Clock {

    /** The clock of the machine. */
    Clock SYSTEM = new Clock() {
        @Override
        public long unixMs() {
            return System.currentTimeMillis();
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }
    };

    /** Unix time in milliseconds: for expiries and everything that clients see. It may jump. */
    long unixMs();

    /** A monotonic time in nanoseconds without a fixed beginning: for durations and timeouts. */
    long nanos();

    /** Unix time in microseconds. */
    default long unixMicros() {
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }
}
