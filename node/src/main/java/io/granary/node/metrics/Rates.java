package io.granary.node.metrics;

/**
 * How fast counters grow: the mean over the last {@value #SAMPLES} samples, taken ten times a second. What INFO calls
 * instantaneous.
 */
public final class Rates {

    private static final int SAMPLES = 16;

    private final Statistics statistics;
    private final Series commands = new Series();
    private final Series input = new Series();
    private final Series output = new Series();
    private final Series cycles = new Series();
    private final Series cycleNanos = new Series();
    private long lastMs;
    private long peakMemory;

    public Rates(Statistics statistics) {
        this.statistics = statistics;
    }

    /** Samples by samples of one counter. */
    private static final class Series {
        private final double[] perSecond = new double[SAMPLES];
        private int next;
        private long last;

        void sample(long value, double seconds) {
            perSecond[next] = Math.max(0, value - last) / seconds;
            next = (next + 1) % SAMPLES;
            last = value;
        }

        double mean() {
            double sum = 0;
            for (double each : perSecond) {
                sum += each;
            }
            return sum / SAMPLES;
        }
    }

    /** Takes a sample; {@code nowMs} is a monotonic time. */
    public synchronized void sample(long nowMs, long usedMemory) {
        peakMemory = Math.max(peakMemory, usedMemory);
        if (lastMs != 0 && nowMs > lastMs) {
            double seconds = (nowMs - lastMs) / 1000.0;
            commands.sample(statistics.commands(), seconds);
            input.sample(statistics.inputBytes(), seconds);
            output.sample(statistics.outputBytes(), seconds);
            cycles.sample(statistics.cycles(), seconds);
            cycleNanos.sample(statistics.cycleNanos(), seconds);
        }
        lastMs = nowMs;
    }

    public synchronized long commandsPerSecond() {
        return Math.round(commands.mean());
    }

    public synchronized double inputBytesPerSecond() {
        return input.mean();
    }

    public synchronized double outputBytesPerSecond() {
        return output.mean();
    }

    public synchronized long cyclesPerSecond() {
        return Math.round(cycles.mean());
    }

    /** Mean time of a turn of an event loop. */
    public synchronized double cycleMicros() {
        double perSecond = cycles.mean();
        return perSecond == 0 ? 0 : cycleNanos.mean() / perSecond / 1000;
    }

    /** The most memory that was used at any sample, in bytes. */
    public synchronized long peakMemory(long usedMemory) {
        peakMemory = Math.max(peakMemory, usedMemory);
        return peakMemory;
    }
}
