package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.Clock;
import io.granary.node.config.LongSetting;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.metrics.LatencyEvents;
import io.granary.node.metrics.LatencyReport;
import io.granary.node.metrics.Statistics;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** LATENCY: events that took long, and how long commands take. */
public final class LatencyCommands {

    private static final HelpText HELP = new HelpText(
            "DOCTOR",
            "    Return a human readable latency analysis report.",
            "GRAPH <event>",
            "    Return an ASCII latency graph for the <event> class.",
            "HISTORY <event>",
            "    Return time-latency samples for the <event> class.",
            "LATEST",
            "    Return the latest latency samples for all events.",
            "RESET [<event> ...]",
            "    Reset latency data of one or more <event> classes.",
            "    (default: reset all data for all event classes)",
            "HISTOGRAM [COMMAND ...]",
            "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
            "    If no commands are specified then all histograms are replied.");

    private final LatencyEvents events;
    private final LongSetting thresholdMs;
    private final Supplier<Statistics> statistics;
    private final Supplier<CommandTable<NodeCall>> table;
    private final Clock clock;

    public LatencyCommands(
            LatencyEvents events, LongSetting thresholdMs, Supplier<Statistics> statistics,
            Supplier<CommandTable<NodeCall>> table, Clock clock) {
        this.events = events;
        this.thresholdMs = thresholdMs;
        this.statistics = statistics;
        this.table = table;
        this.clock = clock;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.SERVER,
                Command.<NodeCall>container("LATENCY")
                        .doc("2.8.13", "Depends on subcommand.", "A container for latency diagnostics commands."),
                Command.of("LATENCY DOCTOR", "", this::doctor)
                        .doc("2.8.13", "O(1)", "Returns a human-readable latency analysis report.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output", "request_policy:all_nodes", "response_policy:special"),
                Command.of("LATENCY GRAPH", "event", this::graph)
                        .doc("2.8.13", "O(1)", "Returns a latency graph for an event.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output", "request_policy:all_nodes", "response_policy:special"),
                Command.of("LATENCY HELP", "", (NodeCall call) -> HELP.write(call.request(), call.reply()))
                        .doc("2.8.13", "O(1)", "Returns helpful text about the different subcommands.")
                        .flags(LOADING, STALE),
                Command.of("LATENCY HISTOGRAM", "[command [command ...]]", this::histogram)
                        .doc("7.0.0", "O(N), N commands asked for.",
                                "Returns the cumulative distribution of latencies of a subset or all commands.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output", "request_policy:all_nodes", "response_policy:special"),
                Command.of("LATENCY HISTORY", "event", this::history)
                        .doc("2.8.13", "O(1)", "Returns timestamp-latency samples for an event.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output", "request_policy:all_nodes", "response_policy:special"),
                Command.of("LATENCY LATEST", "", this::latest)
                        .doc("2.8.13", "O(1)", "Returns the latest latency samples for all events.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output", "request_policy:all_nodes", "response_policy:special"),
                Command.of("LATENCY RESET", "[event [event ...]]", this::reset)
                        .doc("2.8.13", "O(1)", "Resets the latency data for one or more events.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:agg_sum"));
    }

    private void doctor(NodeCall call) {
        String report = LatencyReport.doctor(events.all(), thresholdMs.value(), clock.unixMs() / 1000);
        call.reply().verbatim("txt", report.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void graph(NodeCall call) {
        LatencyEvents.Event event = events.find(call.request().toText(2));
        if (event.samples().isEmpty()) {
            throw Errors.err("No samples available for event '" + event.name() + "'");
        }
        String graph = LatencyReport.graph(event, clock.unixMs() / 1000);
        call.reply().verbatim("txt", graph.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void history(NodeCall call) {
        List<LatencyEvents.Sample> samples = events.find(call.request().toText(2)).samples();
        call.reply().array(samples.size());
        for (LatencyEvents.Sample sample : samples) {
            call.reply().array(2);
            call.reply().integer(sample.unixSeconds());
            call.reply().integer(sample.latencyMs());
        }
    }

    private void latest(NodeCall call) {
        List<LatencyEvents.Event> all = events.all();
        call.reply().array(all.size());
        for (LatencyEvents.Event event : all) {
            LatencyEvents.Sample last = event.samples().getLast();
            call.reply().array(4);
            call.reply().bulk(event.name());
            call.reply().integer(last.unixSeconds());
            call.reply().integer(last.latencyMs());
            call.reply().integer(event.maxMs());
        }
    }

    private void reset(NodeCall call) {
        int resets = 0;
        if (call.argc() == 2) {
            for (LatencyEvents.Event event : events.all()) {
                resets += events.reset(event.name()) ? 1 : 0;
            }
        }
        for (int i = 2; i < call.argc(); i++) {
            resets += events.reset(call.request().toText(i)) ? 1 : 0;
        }
        call.reply().integer(resets);
    }

    // ---- HISTOGRAM ----

    private void histogram(NodeCall call) {
        List<Command<NodeCall>> called = asked(call).stream()
                .filter(command -> statistics.get().calls(command.index()) > 0).toList();
        call.reply().map(called.size());
        for (Command<NodeCall> command : called) {
            call.reply().bulk(command.fullName());
            writeHistogram(call.reply(), statistics.get().histogram(command.index()));
        }
    }

    /** The commands named, each once, a container standing for all that it contains; all commands when none is named. */
    private Collection<Command<NodeCall>> asked(NodeCall call) {
        if (call.argc() == 2) {
            return table.get().all();
        }
        Set<Command<NodeCall>> asked = new LinkedHashSet<>();
        for (int i = 2; i < call.argc(); i++) {
            Command<NodeCall> command = table.get().find(call.request().toText(i));
            if (command != null) {
                asked.add(command);
                asked.addAll(command.subcommands());
            }
        }
        return asked;
    }

    private static void writeHistogram(ReplyWriter reply, long[] histogram) {
        long total = 0;
        int buckets = 0;
        for (long count : histogram) {
            total += count;
            buckets += count > 0 ? 1 : 0;
        }
        reply.map(2);
        reply.bulk("calls");
        reply.integer(total);
        reply.bulk("histogram_usec");
        reply.map(buckets);
        long seen = 0;
        for (int i = 0; i < histogram.length; i++) {
            seen += histogram[i];
            if (histogram[i] > 0) {
                reply.integer(1L << i);
                reply.integer(seen);
            }
        }
    }
}
