package io.granary.node.metrics.exposition;

import io.granary.node.dispatch.NodeCall;
import io.granary.node.metrics.Statistics;
import io.granary.node.metrics.exposition.Exposition.Family;
import io.granary.node.metrics.exposition.Exposition.Kind;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import java.util.HashMap;
import java.util.Map;

/** How often and how fast each command was: of INFO's sections on commands and errors, and of LATENCY HISTOGRAM. */
final class CommandMetrics {

    private static final String LABEL = "cmd";

    private final CommandTable<NodeCall> table;
    private final Statistics statistics;

    CommandMetrics(CommandTable<NodeCall> table, Statistics statistics) {
        this.table = table;
        this.statistics = statistics;
    }

    void write(Exposition page, Figures figures) {
        Map<String, Map<String, String>> calls = new HashMap<>();
        figures.each("cmdstat_", (command, parts) -> {
            calls.put(command, parts);
            counted(page, command, parts);
        });
        figures.each("latency_percentiles_usec_", (command, percentiles) -> {
            if (calls.containsKey(command)) {
                percentiles(page, command, calls.get(command), percentiles);
            }
        });
        figures.each("errorstat_", (code, parts) -> page.counter("redis_errors_total", "Error replies by their first word")
                .add(parts.get("count"), "err", code));
        for (Command<NodeCall> command : table.all()) {
            Map<String, String> parts = calls.get(command.fullName());
            if (parts != null && !parts.get("calls").equals("0")) {
                histogram(page, command, parts.get("usec"));
            }
        }
    }

    private static void counted(Exposition page, String command, Map<String, String> parts) {
        page.counter("redis_commands_total", "Calls of each command").add(parts.get("calls"), LABEL, command);
        page.counter("redis_commands_duration_seconds_total", "Time spent in each command")
                .add(Long.parseLong(parts.get("usec")) / 1e6, LABEL, command);
        page.counter("redis_commands_rejected_calls_total", "Calls refused before they ran")
                .add(parts.get("rejected_calls"), LABEL, command);
        page.counter("redis_commands_failed_calls_total", "Calls that answered with an error")
                .add(parts.get("failed_calls"), LABEL, command);
    }

    private static void percentiles(
            Exposition page, String command, Map<String, String> calls, Map<String, String> percentiles) {
        Family family = page.family(
                "redis_latency_percentiles_usec", Kind.SUMMARY, "Durations of each command, exact to a factor of two");
        percentiles.forEach((percentile, micros) -> family.add(micros, LABEL, command, "quantile", percentile.substring(1)));
        family.addPart("_sum", calls.get("usec"), LABEL, command);
        family.addPart("_count", calls.get("calls"), LABEL, command);
    }

    private void histogram(Exposition page, Command<NodeCall> command, String sumMicros) {
        long[] counts = statistics.histogram(command.index());
        Family family = page.family(
                "redis_commands_latencies_usec", Kind.HISTOGRAM, "The duration of each command, of LATENCY HISTOGRAM");
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (counts[i] > 0) {
                family.addPart("_bucket", Long.toString(seen), LABEL, command.fullName(), "le", Long.toString(1L << i));
            }
        }
        family.addPart("_bucket", Long.toString(seen), LABEL, command.fullName(), "le", "+Inf");
        family.addPart("_sum", sumMicros, LABEL, command.fullName());
        family.addPart("_count", Long.toString(seen), LABEL, command.fullName());
    }
}
