package io.granary.tools.granary;

import io.granary.tools.client.Address;
import io.granary.tools.cluster.Checkup;
import io.granary.tools.cluster.ClusterUnhealthy;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.Finding;
import io.granary.tools.cluster.Links;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Repair;
import io.granary.tools.cluster.RepairPlan;
import io.granary.tools.cluster.RepairStep;
import io.granary.tools.cluster.SlotMove;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary fix}: every slot has one owner with all its keys afterwards, and none is open. */
@Command(name = "fix", mixinStandardHelpOptions = true,
        description = {
            "Mends what is wrong with the slots of a cluster.",
            "Gives those without an owner one, finishes or takes back moves that were left half done, and"
                    + " brings keys to the owners of their slots. Shows what it will do and asks. No key is removed"
                    + " that is nowhere else. Exit code 3 if the cluster is not ok afterwards."})
final class FixCommand implements Callable<Integer> {

    private static final int PATIENCE_MS = 5000;

    @Parameters(arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Option(names = {"--dry-run", "-n"}, description = "only show what would be done")
    private boolean dryRun;

    @Option(names = {"--search-multiple-owners", "--cluster-search-multiple-owners"},
            description = "look for keys on nodes that do not own their slot, too; asks every primary about every slot")
    private boolean strayKeys;

    @Option(names = {"--fix-with-unreachable-primaries", "--fix-with-unreachable-masters",
            "--cluster-fix-with-unreachable-primaries", "--cluster-fix-with-unreachable-masters"},
            description = "go on although a primary does not answer: its slots go to others without its keys, and when it"
                    + " comes back it removes those keys")
    private boolean unreachablePrimaries;

    @Option(names = {"--replace", "--cluster-replace"},
            description = "where two nodes have different values of a key, keep the one that is not at the owner")
    private boolean replace;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Screen screen = options.screen();
        Survey survey = options.survey(node);
        requirePrimaries(survey);
        List<RepairStep> steps = RepairPlan.of(survey, strayKeys, options.access());
        if (steps.isEmpty()) {
            screen.say("nothing is wrong with the slots");
        }
        steps.forEach(step -> screen.say("  " + step.text()));
        if (dryRun || steps.isEmpty()) {
            List<Finding> findings = Checkup.of(survey, 0);
            screen.print(facts(steps, findings, List.of()));
            return steps.isEmpty() && isOk(findings) ? ExitCode.OK : ExitCode.UNHEALTHY;
        }
        if (!options.consent().isGiven(screen, "Do this?")) {
            return ExitCode.FAILED;
        }
        return mend(survey, steps);
    }

    private void requirePrimaries(Survey survey) throws ClusterUnhealthy {
        List<String> down = survey.reports().stream().filter(report -> !report.reachable() && report.isPrimary())
                .filter(report -> !report.slots().isEmpty()).map(report -> report.address().toString()).toList();
        if (!down.isEmpty() && !unreachablePrimaries) {
            throw new ClusterUnhealthy("primaries with slots do not answer: " + String.join(", ", down)
                    + "; start them, or promote their replicas with granary failover --force;"
                    + " --fix-with-unreachable-primaries gives their keys up");
        }
        if (survey.primaries().isEmpty()) {
            throw new ClusterUnhealthy("no primary answers");
        }
    }

    private Integer mend(Survey survey, List<RepairStep> steps) throws IOException {
        Screen screen = options.screen();
        Deadline deadline = options.deadline();
        SlotMove.Style usual = SlotMove.Style.USUAL;
        SlotMove.Style style = new SlotMove.Style(usual.timeoutMs(), usual.pipeline(), replace);
        List<String> failures;
        try (Links links = new Links(options.access().waiting(style.timeoutMs() + PATIENCE_MS))) {
            failures = new Repair(survey, links, style, text -> screen.say("... " + text)).run(steps, deadline);
        }
        List<Finding> findings = afterwards(survey, failures.isEmpty() ? deadline : Deadline.inMs(PATIENCE_MS));
        failures.forEach(failure -> screen.warn("granary: " + failure));
        findings.stream().filter(Finding::isProblem).forEach(finding -> screen.warn(finding.text()));
        screen.print(facts(steps, findings, failures));
        screen.say(isOk(findings) ? screen.good("The cluster is ok") : screen.bad("The cluster is not ok"));
        return !isOk(findings) ? ExitCode.UNHEALTHY : failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    /**
     * What is still wrong when the nodes have told each other, or the time is over. Nodes that are down are not waited for.
     */
    private List<Finding> afterwards(Survey survey, Deadline deadline) throws IOException {
        List<Address> seeds = survey.answering().stream().map(NodeReport::address).toList();
        deadline.await(() -> Checkup.of(Survey.spreadingFrom(seeds, options.access()), 0).stream()
                .noneMatch(finding -> finding.isProblem() && finding.kind() != Finding.Kind.NODE_DOWN));
        return Checkup.of(Survey.spreadingFrom(seeds, options.access()), 0);
    }

    private static boolean isOk(List<Finding> findings) {
        return findings.stream().noneMatch(Finding::isProblem);
    }

    private Map<String, Object> facts(List<RepairStep> steps, List<Finding> findings, List<String> failures) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", isOk(findings));
        facts.put("dryRun", dryRun);
        facts.put("steps", steps.stream().map(FixCommand::facts).toList());
        facts.put("failures", failures);
        facts.put("problems", findings.stream().filter(Finding::isProblem).map(CheckCommand::facts).toList());
        return facts;
    }

    private static Map<String, Object> facts(RepairStep step) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("kind", step.kind());
        facts.put("slots", NodeFacts.ranges(step.slots()));
        facts.put("text", step.text());
        return facts;
    }
}
