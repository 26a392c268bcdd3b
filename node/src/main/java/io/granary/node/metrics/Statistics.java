package io.granary.node.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What all event loops of a node have counted since the start or the last reset, summed when asked. */
public final class Statistics {

    private final List<LoopStatistics> loops;

    /** The sums at the last reset, which are taken off those of now. */
    private volatile LoopStatistics before;

    public Statistics(List<LoopStatistics> loops) {
        this.loops = List.copyOf(loops);
        before = new LoopStatistics(commandCount());
    }

    private int commandCount() {
        return loops.getFirst().calls.length;
    }

    public long commands() {
        return sum(loop -> loop.commands);
    }

    /** Changes of the data since the start: a reset does not forget them. */
    public long changes() {
        long sum = 0;
        for (LoopStatistics loop : loops) {
            sum += loop.changes;
        }
        return sum;
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
        for (LoopStatistics loop : loops) {
            add(sum, loop.histograms[command], 1);
        }
        add(sum, before.histograms[command], -1);
        return sum;
    }

    private static void add(long[] sum, long[] part, int sign) {
        if (part != null) {
            Arrays.setAll(sum, i -> sum[i] + sign * part[i]);
        }
    }

    /** How often each error code was answered, by code. */
    public Map<String, Long> errors() {
        Map<String, Long> sum = new TreeMap<>();
        for (LoopStatistics loop : loops) {
            loop.errors().forEach((code, count) -> sum.merge(code, count, Long::sum));
        }
        before.errors().forEach((code, count) -> sum.merge(code, -count, Long::sum));
        sum.values().removeIf(count -> count == 0);
        return sum;
    }

    /**
     * Starts counting afresh: CONFIG RESETSTAT. The counters themselves are written by their loops alone, and a loop may
     * have nothing to do for a long time; so they go on, and what they count now is remembered.
     */
    public void reset() {
        LoopStatistics now = new LoopStatistics(commandCount());
        loops.forEach(now::add);
        before = now;
        loops.forEach(LoopStatistics::forgetMaxima);
    }

    private long sum(ToLongFunction<LoopStatistics> field) {
        long sum = -field.applyAsLong(before);
        for (LoopStatistics loop : loops) {
            sum += field.applyAsLong(loop);
        }
        return sum;
    }

    private long max(ToLongFunction<LoopStatistics> field) {
        return loops.stream().filter(loop -> !loop.maximaForgotten()).mapToLong(field).max().orElse(0);
    }
}
