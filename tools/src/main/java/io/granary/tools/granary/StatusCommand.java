package io.granary.tools.granary;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.cluster.NodeEntry;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code granary status}: what each node says of itself; exit code 3 unless all of them call the cluster ok. */
@Command(name = "status",
        description = "Shows the nodes of a cluster: the one on this machine, or the one that a node given belongs to.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    private static final int SHORT_ID = 8;
    private static final int RANGES_SHOWN = 3;

    @Parameters(arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Survey survey = Survey.spreadingFrom(options.seeds(node), options.access());
        Screen screen = options.screen();
        if (screen.json()) {
            screen.print(facts(survey));
        } else {
            screen.print(table(survey));
            screen.say(summary(survey, screen));
        }
        return survey.healthy() ? ExitCode.OK : ExitCode.UNHEALTHY;
    }

    private static Table table(Survey survey) {
        Table table = new Table("node", "address", "role", "of", "state", "slots", "ranges", "keys", "memory", "uptime");
        for (NodeReport report : survey.reports()) {
            if (report.reachable()) {
                NodeEntry self = report.self();
                table.row(self.id().substring(0, SHORT_ID), report.address().toString(), self.role(), primary(self),
                        report.state(), Table.grouped(self.slotCount()), ranges(self.slots()), Table.grouped(report.keys()),
                        report.info().text("used_memory_human"), uptime(report.info().number("uptime_in_seconds")));
            } else {
                String id = report.id().isEmpty() ? "-" : report.id().substring(0, SHORT_ID);
                table.row(id, report.address().toString(), "-", "-", report.state(), "-", report.problem(), "-", "-", "-");
            }
        }
        return table;
    }

    private static String primary(NodeEntry self) {
        return self.role().equals("replica") ? self.primaryId().substring(0, SHORT_ID) : "-";
    }

    private static String summary(Survey survey, Screen screen) {
        long keys = survey.reports().stream().filter(report -> report.reachable() && report.isPrimary())
                .mapToLong(NodeReport::keys).sum();
        String verdict = survey.healthy() ? screen.good(verdict(survey)) : screen.bad(verdict(survey));
        return verdict + ": " + survey.reports().size() + " nodes, " + Table.grouped(survey.coveredSlots()) + " of "
                + Table.grouped(Slot.COUNT) + " slots, " + Table.grouped(keys) + " keys";
    }

    private static String verdict(Survey survey) {
        if (survey.healthy()) {
            return "The cluster is ok";
        }
        return survey.reports().stream().anyMatch(NodeReport::reachable) ? "The cluster is not ok" : "The cluster is down";
    }

    private static Map<String, Object> facts(Survey survey) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", survey.healthy());
        facts.put("slots", survey.coveredSlots());
        facts.put("nodes", survey.reports().stream().map(NodeFacts::of).toList());
        return facts;
    }

    private static String ranges(List<SlotRange> ranges) {
        String shown = ranges.stream().limit(RANGES_SHOWN).map(range -> range.size() == 1
                ? Integer.toString(range.first()) : range.first() + "-" + range.last()).collect(Collectors.joining(" "));
        return ranges.isEmpty() ? "-" : ranges.size() > RANGES_SHOWN ? shown + " ..." : shown;
    }

    /** The two largest units: {@code 3d 4h}, {@code 12m 5s}. */
    static String uptime(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        if (time.toDays() > 0) {
            return time.toDays() + "d " + time.toHoursPart() + "h";
        }
        if (time.toHours() > 0) {
            return time.toHours() + "h " + time.toMinutesPart() + "m";
        }
        return time.toMinutes() > 0 ? time.toMinutes() + "m " + time.toSecondsPart() + "s" : seconds + "s";
    }
}
