package io.granary.node.metrics;

import java.util.List;
import java.util.Locale;

/** Latency events in words and in characters, for people. */
public final class LatencyReport {

    private static final String LEVELS = "_o#";
    private static final int WIDTH = 80;

    private LatencyReport() {}

    /** LATENCY DOCTOR. */
    public static String doctor(List<LatencyEvents.Event> events, long thresholdMs, long nowSeconds) {
        if (thresholdMs == 0) {
            return "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use"
                    + " \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep"
                    + " space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n";
        }
        if (events.isEmpty()) {
            return "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I"
                    + " honestly think you ought to sit down calmly, take a stress pill, and think things over.\n";
        }
        StringBuilder report = new StringBuilder("Dave, I have observed latency spikes in this Redis instance.\n\n");
        int number = 1;
        for (LatencyEvents.Event event : events) {
            double mean = event.samples().stream().mapToLong(LatencyEvents.Sample::latencyMs).average().orElse(0);
            long seconds = Math.max(1, nowSeconds - event.samples().getFirst().unixSeconds());
            report.append(String.format(Locale.ROOT,
                    "%d. %s: %d latency spikes (average %.0fms, period %.2f sec). Worst all time event %dms.%n",
                    number++, event.name(), event.samples().size(), mean, (double) seconds / event.samples().size(),
                    event.maxMs()));
        }
        return report.append("\nSee SLOWLOG GET for the commands that took longest.\n").toString();
    }

    /** LATENCY GRAPH: a column a sample, the newest at the right, its age below it. */
    public static String graph(LatencyEvents.Event event, long nowSeconds) {
        List<LatencyEvents.Sample> samples = event.samples();
        long low = samples.stream().mapToLong(LatencyEvents.Sample::latencyMs).min().orElse(0);
        long high = samples.stream().mapToLong(LatencyEvents.Sample::latencyMs).max().orElse(0);
        List<LatencyEvents.Sample> shown = samples.subList(Math.max(0, samples.size() - WIDTH), samples.size());
        StringBuilder graph = new StringBuilder(event.name() + " - high " + high + " ms, low " + low + " ms (all time high "
                + event.maxMs() + " ms)\n" + "-".repeat(WIDTH) + "\n");
        for (int row = LEVELS.length() - 1; row >= 0; row--) {
            for (LatencyEvents.Sample sample : shown) {
                int level = high == low ? LEVELS.length() - 1
                        : (int) ((sample.latencyMs() - low) * (LEVELS.length() - 1) / (high - low));
                graph.append(level < row ? ' ' : level == row ? LEVELS.charAt(row) : '|');
            }
            graph.append('\n');
        }
        graph.append('\n');
        for (int digit = 0; digit < 3; digit++) {
            for (LatencyEvents.Sample sample : shown) {
                String age = age(nowSeconds - sample.unixSeconds());
                graph.append(digit < age.length() ? age.charAt(digit) : ' ');
            }
            graph.append('\n');
        }
        return graph.toString();
    }

    private static String age(long seconds) {
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m";
        }
        return seconds < 86400 ? seconds / 3600 + "h" : seconds / 86400 + "d";
    }
}
