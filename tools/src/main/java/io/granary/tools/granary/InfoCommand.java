package io.granary.tools.granary;

import io.granary.slots.Slot;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code granary info}: how slots, keys and replicas are spread over the primaries. */
@Command(name = "info", mixinStandardHelpOptions = true,
        description = {
            "Shows what the primaries of a cluster hold.",
            "Keys, slots, memory, replicas, and the ids that other verbs take."})
final class InfoCommand implements Callable<Integer> {

    @Parameters(arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Screen screen = options.screen();
        Survey survey = options.survey(node);
        List<NodeReport> primaries = survey.primaries();
        long keys = primaries.stream().mapToLong(NodeReport::keys).sum();
        Table table = new Table("address", "id", "keys", "slots", "memory", "replicas", "version");
        for (NodeReport primary : primaries) {
            table.row(primary.address().toString(), primary.id(), Table.grouped(primary.keys()),
                    Table.grouped(primary.slots().size()), primary.info().text("used_memory_human"),
                    String.join(" ", survey.replicasOf(primary).stream().map(each -> each.address().toString()).toList()),
                    primary.version());
        }
        screen.print(table);
        screen.say(Table.grouped(keys) + " keys in " + primaries.size() + " primaries, "
                + String.format(Locale.ROOT, "%.2f", keys / (double) Slot.COUNT) + " keys per slot on average");
        survey.reports().stream().filter(report -> !report.reachable())
                .forEach(report -> screen.warn(report.address() + " does not answer: " + report.problem()));
        RunningMoves moves = RunningMoves.in(survey, options.access());
        moves.show(screen);
        Map<String, Object> facts = facts(survey, keys);
        facts.put("moves", moves.facts());
        screen.print(facts);
        return survey.reachable() ? ExitCode.OK : ExitCode.UNHEALTHY;
    }

    private static Map<String, Object> facts(Survey survey, long keys) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("keys", keys);
        facts.put("primaries", survey.primaries().stream().map(primary -> {
            Map<String, Object> each = NodeFacts.of(primary);
            each.put("replicas", survey.replicasOf(primary).stream().map(replica -> replica.address().toString()).toList());
            return each;
        }).toList());
        facts.put("down", survey.reports().stream().filter(report -> !report.reachable())
                .map(report -> report.address().toString()).toList());
        return facts;
    }
}
