package io.granary.tools.granary;

import io.granary.tools.client.Address;
import io.granary.tools.cluster.Checkup;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.Finding;
import io.granary.tools.cluster.Formation;
import io.granary.tools.cluster.Placement;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary create}: the nodes given are a cluster afterwards, and nothing is done where they are one already. */
@Command(name = "create", mixinStandardHelpOptions = true,
        description = {
            "Makes a cluster of empty nodes.",
            "Primaries get equal shares of the slots, replicas primaries on other hosts as far as that can"
                    + " be. Returns when every node calls the cluster ok. Where exactly these nodes are a cluster"
                    + " already nothing is done; an interrupted create goes on."})
final class CreateCommand implements Callable<Integer> {

    private static final int PRIMARIES_LEAST = 3;

    @Parameters(arity = "1..*", paramLabel = "HOST:PORT", description = "the nodes")
    private List<String> nodes;

    @Option(names = {"--replicas", "--cluster-replicas"}, paramLabel = "N", defaultValue = "0",
            description = "how many replicas every primary gets; nodes left over become more (default: ${DEFAULT-VALUE})")
    private int replicas;

    @Option(names = "--wait", description = "wait for nodes that do not answer yet")
    private boolean wait;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        List<Address> addresses = nodes.stream().map(options::address).distinct().toList();
        Usage.require(options.spec(), replicas >= 0, "--replicas must be 0 at least");
        int least = PRIMARIES_LEAST * (1 + replicas);
        Usage.require(options.spec(), addresses.size() >= least,
                "a cluster needs " + PRIMARIES_LEAST + " primaries, so " + least + " nodes with --replicas " + replicas);
        Screen screen = options.screen();
        Placement placement = Placement.of(addresses, replicas);
        Formation formation = new Formation(addresses, placement, options.access(), text -> screen.say("... " + text));
        Deadline deadline = options.deadline();
        if (wait) {
            screen.say("... waiting until all nodes answer");
            deadline.await(() -> Survey.of(addresses, options.access()).reachable());
        }
        if (formation.isFormed()) {
            return finish(addresses, formation.awaitOk(deadline), false, deadline);
        }
        requirePossible(formation);
        show(placement, screen);
        if (!options.consent().isGiven(screen, "Form this cluster?")) {
            return ExitCode.FAILED;
        }
        return finish(addresses, formation.form(deadline), true, deadline);
    }

    private static void requirePossible(Formation formation) throws IOException {
        String objection = formation.objection().orElse(null);
        if (objection != null) {
            throw new IOException(objection + "; nothing was changed. Only empty nodes become a cluster: FLUSHALL and"
                    + " CLUSTER RESET make a node so");
        }
    }

    private static void show(Placement placement, Screen screen) {
        Table table = new Table("primary", "slots", "replicas");
        placement.slots().forEach((primary, slots) -> table.row(primary.toString(), slots.toString(),
                placement.primaries().entrySet().stream().filter(entry -> entry.getValue().equals(primary))
                        .map(entry -> entry.getKey().toString()).collect(Collectors.joining(" "))));
        screen.print(table);
        boolean hosts = placement.slots().keySet().stream().map(Address::host).distinct().count() > 1;
        if (hosts && !placement.together().isEmpty()) {
            screen.warn("on the host of their primary: "
                    + placement.together().stream().map(Address::toString).collect(Collectors.joining(" ")));
        }
    }

    private Integer finish(List<Address> addresses, boolean ok, boolean created, Deadline deadline) {
        Screen screen = options.screen();
        Survey survey = Survey.of(addresses, options.access());
        List<Finding> findings = Checkup.of(survey, 0);
        Map<String, Object> facts = CheckCommand.facts(survey, findings);
        facts.put("ok", ok);
        facts.put("created", created);
        screen.print(facts);
        if (!ok) {
            findings.stream().filter(Finding::isProblem).forEach(finding -> screen.warn(finding.text()));
            screen.warn("granary: the cluster is not ok after " + options.timeout()
                    + "; create may be run again, and granary check says what is missing");
            return ExitCode.UNHEALTHY;
        }
        screen.say(screen.good("The cluster is ok") + ": " + addresses.size() + " nodes, " + survey.primaries().size()
                + " primaries" + (created ? String.format(Locale.ROOT, " (%.1f s)", deadline.elapsedSeconds())
                : "; it was formed already"));
        return ExitCode.OK;
    }
}
