package io.granary.node.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What all event loops of a node have counted, summed when asked. */
public final class Statistics {

    private final List<LoopStatistics> loops;

    public Statistics(List<LoopStatistics> loops) {
        this.loops = List.copyOf(loops);
    }

    public long commands() {
        return sum(loop -> loop.commands);
    }

    public long inputBytes() {
        return sum(loop -> loop.inputBytes);
    }

    public long outputBytes() {
        return sum(loop -> loop.outputBytes);
    }

    /** Reads from clients' sockets. */
    public long reads() {
        return sum(loop -> loop.reads);
    }

    /** Writes to clients' sockets. */
    public long writes() {
        return sum(loop -> loop.writes);
    }

    public long errorReplies() {
        return sum(loop -> loop.errorReplies);
    }

    public long calls(int command) {
        return sum(loop -> loop.calls[command]);
    }

    /** Time spent in the command, in nanoseconds. */
    public long nanos(int command) {
        return sum(loop -> loop.nanos[command]);
    }

    public long rejected(int command) {
        return sum(loop -> loop.rejected[command]);
    }

    public long failed(int command) {
        return sum(loop -> loop.failed[command]);
    }

    /** Calls by duration: entry {@code i} counts those of less than 2^i microseconds and no less than half of that. */
    public long[] histogram(int command) {
        long[] sum = new long[LoopStatistics.BUCKETS];
        for (LoopStatistics loop : loops) {
            long[] part = loop.histograms[command];
            if (part != null) {
                Arrays.setAll(sum, i -> sum[i] + part[i]);
            }
        }
        return sum;
    }

    /** How often each error code was answered, by code. */
    public Map<String, Long> errors() {
        Map<String, Long> sum = new TreeMap<>();
        for (LoopStatistics loop : loops) {
            loop.errors().forEach((code, count) -> sum.merge(code, count, Long::sum));
        }
        return sum;
    }

    /** Starts counting afresh: CONFIG RESETSTAT. */
    public void reset() {
        loops.forEach(LoopStatistics::askReset);
    }

    private long sum(ToLongFunction<LoopStatistics> field) {
        long sum = 0;
        for (LoopStatistics loop : loops) {
            sum += field.applyAsLong(loop);
        }
        return sum;
    }
}
