package io.granary.node.metrics;

import java.util.HashMap;
import java.util.Map;

/**
 * What one event loop has counted since the start. Only that loop writes; others read without a lock, so a sum may miss the
 * last few commands. No count ever goes back: see {@link Statistics#reset}.
 */
public final class LoopStatistics {

    /** Buckets of a latency histogram: bucket {@code i} counts calls of less than 2^i microseconds and no less than half. */
    public static final int BUCKETS = 32;

    /** Different error codes that are counted apart, so that clients cannot make the map grow. */
    private static final int ERROR_CODES_MAX = 128;
    private static final int ERROR_CODE_LENGTH_MAX = 64;

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
    long changes;
    long cycles;
    long cycleNanos;
    long cycleNanosMax;
    long cycleCommandsMax;
    long choreNanos;
    private long commandsBeforeCycle;
    private volatile boolean maximaForgotten;

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
        if (code.length() > ERROR_CODE_LENGTH_MAX) {
            return;
        }
        Map<String, Long> counts = new HashMap<>(errors);
        if (counts.size() >= ERROR_CODES_MAX && !counts.containsKey(code)) {
            return;
        }
        counts.merge(code, 1L, Long::sum);
        errors = counts;
    }

    /** Notes changes of the data. */
    public void changed(long count) {
        changes += count;
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
        if (maximaForgotten) {
            cycleNanosMax = 0;
            cycleCommandsMax = 0;
            maximaForgotten = false;
        }
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

    /** Adds what another has counted so far, apart from what it holds the longest and the most. */
    void add(LoopStatistics other) {
        add(calls, other.calls);
        add(nanos, other.nanos);
        add(rejected, other.rejected);
        add(failed, other.failed);
        for (int i = 0; i < histograms.length; i++) {
            long[] part = other.histograms[i];
            if (part != null) {
                histograms[i] = histograms[i] == null ? new long[BUCKETS] : histograms[i];
                add(histograms[i], part);
            }
        }
        Map<String, Long> counts = new HashMap<>(errors);
        other.errors.forEach((code, count) -> counts.merge(code, count, Long::sum));
        errors = counts;
        commands += other.commands;
        inputBytes += other.inputBytes;
        outputBytes += other.outputBytes;
        reads += other.reads;
        writes += other.writes;
        errorReplies += other.errorReplies;
        cycles += other.cycles;
        cycleNanos += other.cycleNanos;
        choreNanos += other.choreNanos;
    }

    private static void add(long[] sum, long[] part) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += part[i];
        }
    }

    /** Asks the loop to forget its longest turn and the like. */
    void forgetMaxima() {
        maximaForgotten = true;
    }

    /** Whether the longest turn and the like are of a time that was forgotten, though not yet by the loop itself. */
    boolean maximaForgotten() {
        return maximaForgotten;
    }
}
