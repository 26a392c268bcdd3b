package io.granary.node.info;

import io.granary.node.config.TextSetting;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.info.InfoWriter.Part;
import io.granary.node.metrics.Percentile;
import io.granary.node.metrics.Statistics;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** {@code # Commandstats}, {@code # Errorstats} and {@code # Latencystats}: how often and how fast each command was. */
public final class CommandSections {

    private final Supplier<CommandTable<NodeCall>> table;
    private final Statistics statistics;
    private final TextSetting percentiles;

    public CommandSections(Supplier<CommandTable<NodeCall>> table, Statistics statistics, TextSetting percentiles) {
        this.table = table;
        this.statistics = statistics;
        this.percentiles = percentiles;
    }

    public InfoSection calls() {
        return section("Commandstats", false, this::writeCalls);
    }

    public InfoSection errors() {
        return section("Errorstats", true, out ->
                statistics.errors().forEach((code, count) -> out.parts("errorstat_" + code, Part.of("count", count))));
    }

    public InfoSection latencies() {
        return section("Latencystats", false, this::writeLatencies);
    }

    private static InfoSection section(String heading, boolean byDefault, java.util.function.Consumer<InfoWriter> writer) {
        return new InfoSection() {
            @Override
            public String heading() {
                return heading;
            }

            @Override
            public boolean shownByDefault() {
                return byDefault;
            }

            @Override
            public void write(InfoWriter out) {
                writer.accept(out);
            }
        };
    }

    private void writeCalls(InfoWriter out) {
        for (Command<NodeCall> command : table.get().all()) {
            int index = command.index();
            long calls = statistics.calls(index);
            long rejected = statistics.rejected(index);
            if (calls != 0 || rejected != 0) {
                long micros = statistics.nanos(index) / 1000;
                out.parts("cmdstat_" + command.fullName(), Part.of("calls", calls), Part.of("usec", micros),
                        Part.of("usec_per_call", String.format(
                                Locale.ROOT, "%.2f", calls == 0 ? 0 : statistics.nanos(index) / 1000.0 / calls)),
                        Part.of("rejected_calls", rejected), Part.of("failed_calls", statistics.failed(index)));
            }
        }
    }

    private void writeLatencies(InfoWriter out) {
        List<Double> wanted = Percentile.parse(percentiles.value());
        for (Command<NodeCall> command : table.get().all()) {
            long[] histogram = statistics.histogram(command.index());
            List<Part> values = new ArrayList<>();
            for (double percentile : wanted) {
                double micros = Percentile.of(histogram, percentile);
                if (micros >= 0) {
                    values.add(Part.of("p" + Percentile.text(percentile), String.format(Locale.ROOT, "%.3f", micros)));
                }
            }
            if (!values.isEmpty()) {
                out.parts("latency_percentiles_usec_" + command.fullName(), values.toArray(Part[]::new));
            }
        }
    }
}
