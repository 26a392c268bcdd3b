package io.granary.tools.granary;

import io.granary.slots.Slot;
import io.granary.tools.cluster.Checkup;
import io.granary.tools.cluster.Finding;
import io.granary.tools.cluster.StrayKeys;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary check}: what is wrong with a cluster; exit code 3 if anything is. */
@Command(name = "check", mixinStandardHelpOptions = true,
        description = {
            "Looks for what is wrong with a cluster.",
            "Nodes that are down, slots without an owner, with several, or left open, nodes that disagree,"
                    + " replicas without a link. Exit code 3 if there is anything."})
final class CheckCommand implements Callable<Integer> {

    @Parameters(arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Option(names = "--replicas", paramLabel = "N", defaultValue = "0",
            description = "how many replicas every primary must have (default: ${DEFAULT-VALUE})")
    private int replicas;

    @Option(names = {"--search-multiple-owners", "--cluster-search-multiple-owners"},
            description = "look for keys on nodes that do not own their slot, too; asks every primary about every slot")
    private boolean strayKeys;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Screen screen = options.screen();
        Survey survey = options.survey(node);
        List<Finding> findings = new ArrayList<>(Checkup.of(survey, replicas));
        if (strayKeys) {
            findings.addAll(StrayKeys.in(survey, options.access()).findings());
        }
        boolean ok = findings.stream().noneMatch(Finding::isProblem);
        RunningMoves moves = RunningMoves.in(survey, options.access());
        Map<String, Object> facts = facts(survey, findings);
        facts.put("moves", moves.facts());
        screen.print(facts);
        for (Finding finding : findings) {
            screen.say((finding.isProblem() ? screen.bad("problem") : screen.doubtful("warning")) + "  " + finding.text());
        }
        moves.show(screen);
        screen.say(verdict(survey, ok, screen));
        if (findings.stream().anyMatch(finding -> finding.isProblem() && !finding.slots().isEmpty())) {
            screen.say("granary fix mends what is wrong with slots; with --dry-run it only says how");
        }
        return ok ? ExitCode.OK : ExitCode.UNHEALTHY;
    }

    private static String verdict(Survey survey, boolean ok, Screen screen) {
        int primaries = survey.primaries().size();
        int answering = survey.answering().size();
        return (ok ? screen.good("The cluster is ok") : screen.bad("The cluster is not ok")) + ": " + primaries
                + " primaries, " + (answering - primaries) + " replicas, "
                + (answering == survey.reports().size() ? "" : survey.reports().size() - answering + " nodes down, ")
                + Table.grouped(survey.coveredSlots()) + " of " + Table.grouped(Slot.COUNT) + " slots covered";
    }

    static Map<String, Object> facts(Survey survey, List<Finding> findings) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", findings.stream().noneMatch(Finding::isProblem));
        facts.put("slots", survey.coveredSlots());
        facts.put("currentEpoch", survey.answering().stream()
                .mapToLong(report -> report.cluster().number("cluster_current_epoch")).max().orElse(-1));
        facts.put("problems", findings.stream().filter(Finding::isProblem).map(CheckCommand::facts).toList());
        facts.put("warnings", findings.stream().filter(finding -> !finding.isProblem()).map(CheckCommand::facts).toList());
        facts.put("nodes", survey.reports().stream().map(NodeFacts::of).toList());
        return facts;
    }

    static Map<String, Object> facts(Finding finding) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("kind", finding.kind().label());
        facts.put("text", finding.text());
        facts.put("nodes", finding.nodes());
        facts.put("slots", NodeFacts.ranges(finding.slots()));
        return facts;
    }
}
