package io.granary.node.metrics;

import java.util.HashMap;
import java.util.Map;

/**
 * What one event loop has counted. Only that loop writes; others read without a lock, so a sum may miss the last few
 * commands. A reset is asked for by a flag and done by the loop itself.
 */
public final class LoopStatistics {

    /** Buckets of a latency histogram: bucket {@code i} counts calls of less than 2^i microseconds and no less than half. */
    public static final int BUCKETS = 32;

    /** Different error codes that are counted apart, so that clients cannot make the map grow. */
    private static final int ERROR_CODES_MAX = 128;

    final long[] calls;
    final long[] nanos;
    final long[] rejected;
    final long[] failed;
    final long[][] histograms;
    private volatile Map<String, Long> errors = Map.of();
    long commands;
    long inputBytes;
    long outputBytes;
    long reads;
    long writes;
    long errorReplies;
    long cycles;
    long cycleNanos;
    long cycleNanosMax;
    long cycleCommandsMax;
    long choreNanos;
    private long commandsBeforeCycle;
    private volatile boolean resetAsked;

    public LoopStatistics(int commandCount) {
        calls = new long[commandCount];
        nanos = new long[commandCount];
        rejected = new long[commandCount];
        failed = new long[commandCount];
        histograms = new long[commandCount][];
    }

    /** Notes a call of the command with this index that took so long; its duration also in the histogram if wanted. */
    public void called(int command, long elapsedNanos, boolean tracked) {
        commands++;
        calls[command]++;
        nanos[command] += elapsedNanos;
        if (tracked) {
            track(command, elapsedNanos);
        }
    }

    private void track(int command, long elapsedNanos) {
        long[] histogram = histograms[command];
        if (histogram == null) {
            histogram = new long[BUCKETS];
            histograms[command] = histogram;
        }
        long micros = elapsedNanos / 1000;
        histogram[Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(micros))]++;
    }

    /** Notes that the body of the command answered with an error. */
    public void failed(int command) {
        failed[command]++;
    }

    /** Notes that the command was refused before it ran. */
    public void rejected(int command) {
        rejected[command]++;
    }

    /** Notes an error reply; {@code text} begins with its code. */
    public void error(String text) {
        errorReplies++;
        int end = text.indexOf(' ');
        String code = end < 0 ? text : text.substring(0, end);
        Map<String, Long> counts = new HashMap<>(errors);
        if (counts.size() >= ERROR_CODES_MAX && !counts.containsKey(code)) {
            return;
        }
        counts.merge(code, 1L, Long::sum);
        errors = counts;
    }

    /** Notes a read of so many bytes. */
    public void inputBytes(long bytes) {
        reads++;
        inputBytes += bytes;
    }

    /** Notes a write of so many bytes. */
    public void outputBytes(long bytes) {
        writes++;
        outputBytes += bytes;
    }

    /** Notes that the loop has run what one read brought, and how long that took. */
    public void cycle(long elapsedNanos) {
        cycles++;
        cycleNanos += elapsedNanos;
        cycleNanosMax = Math.max(cycleNanosMax, elapsedNanos);
        cycleCommandsMax = Math.max(cycleCommandsMax, commands - commandsBeforeCycle);
        commandsBeforeCycle = commands;
    }

    /** Notes that the loop has done some of the node's housekeeping, and how long that took. */
    public void chore(long elapsedNanos) {
        choreNanos += elapsedNanos;
        cycle(elapsedNanos);
    }

    Map<String, Long> errors() {
        return errors;
    }

    void askReset() {
        resetAsked = true;
    }

    /** Whether what is counted here has been forgotten already, only not by the loop itself. */
    boolean resetAsked() {
        return resetAsked;
    }

    /** Forgets everything if that was asked for; called by the loop now and then. */
    public void resetIfAsked() {
        if (!resetAsked) {
            return;
        }
        resetAsked = false;
        for (int i = 0; i < calls.length; i++) {
            calls[i] = 0;
            nanos[i] = 0;
            rejected[i] = 0;
            failed[i] = 0;
            histograms[i] = null;
        }
        errors = Map.of();
        commands = 0;
        inputBytes = 0;
        outputBytes = 0;
        reads = 0;
        writes = 0;
        errorReplies = 0;
        cycles = 0;
        cycleNanos = 0;
        cycleNanosMax = 0;
        cycleCommandsMax = 0;
        choreNanos = 0;
        commandsBeforeCycle = 0;
    }
}
