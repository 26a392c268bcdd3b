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

    /** Turns of the event loops: a read's requests, or a piece of housekeeping. */
    public long cycles() {
        return sum(loop -> loop.cycles);
    }

    /** Time of all turns, in nanoseconds. */
    public long cycleNanos() {
        return sum(loop -> loop.cycleNanos);
    }

    /** The longest turn, in nanoseconds. */
    public long cycleNanosMax() {
        return max(loop -> loop.cycleNanosMax);
    }

    /** The most commands in one turn. */
    public long cycleCommandsMax() {
        return max(loop -> loop.cycleCommandsMax);
    }

    /** Time of housekeeping, in nanoseconds. */
    public long choreNanos() {
        return sum(loop -> loop.choreNanos);
    }

    /** Time spent in all commands, in nanoseconds. */
    public long commandNanos() {
        return sum(loop -> Arrays.stream(loop.nanos).sum());
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
        for (LoopStatistics loop : counting()) {
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
        for (LoopStatistics loop : counting()) {
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
        for (LoopStatistics loop : counting()) {
            sum += field.applyAsLong(loop);
        }
        return sum;
    }

    private long max(ToLongFunction<LoopStatistics> field) {
        return counting().stream().mapToLong(field).max().orElse(0);
    }

    /** The loops but those that have not got round to forgetting what they counted. */
    private List<LoopStatistics> counting() {
        return loops.stream().filter(loop -> !loop.resetAsked()).toList();
    }
}
