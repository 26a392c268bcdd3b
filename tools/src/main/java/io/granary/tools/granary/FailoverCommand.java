package io.granary.tools.granary;

import io.granary.tools.cluster.ClusterUnhealthy;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.Failover;
import io.granary.tools.cluster.Failover.Manner;
import io.granary.tools.cluster.Failover.Outcome;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary failover}: a replica is the primary of its shard afterwards. */
@Command(name = "failover", mixinStandardHelpOptions = true,
        description = {
            "Lets a replica take over from its primary.",
            "Returns when all nodes have seen it. Without an option the primary hands over, and nothing is"
                    + " lost. With --all-of every primary on a host hands over to a replica elsewhere, one after the"
                    + " other, so that the host can be taken down."})
final class FailoverCommand implements Callable<Integer> {

    @Parameters(arity = "0..2", paramLabel = "[HOST:PORT] NODE",
            description = "any node of the cluster (default: the one named second, or the cluster of `granary up`), and the"
                    + " node by id or address: the replica to promote, or a primary, whose best replica it will be")
    private List<String> words = List.of();

    @ArgGroup(exclusive = true)
    private Insistence insistence;

    @Option(names = "--all-of", paramLabel = "HOST", description = "every primary with slots on this host, as info shows it")
    private String host;

    @Mixin
    private ClusterOptions options;

    /** How much is asked before. */
    private static final class Insistence {
        @Option(names = "--force", description = "do not ask the primary, which may be down")
        private boolean force;
        @Option(names = "--takeover", description = "ask nobody, for when most primaries are down")
        private boolean takeover;

        Manner manner() {
            return takeover ? Manner.TAKEOVER : force ? Manner.FORCE : Manner.HAND_OVER;
        }
    }

    @Override
    public Integer call() throws IOException {
        boolean sensible = host == null ? !words.isEmpty() : words.size() <= 1;
        Usage.require(options.spec(), sensible, "name one NODE, or --all-of HOST");
        boolean named = words.size() == 2 || !words.isEmpty() && Words.isAddress(words.getFirst());
        Survey survey = options.survey(named ? words.subList(0, 1) : List.of());
        Failover failover = new Failover(survey, options.access());
        List<NodeReport> replicas = host == null
                ? List.of(replicaFor(options.node(survey, words.getLast()), failover)) : successorsOn(survey, failover);
        Deadline deadline = options.deadline();
        List<Map<String, Object>> facts = new ArrayList<>();
        boolean ok = true;
        for (NodeReport replica : replicas) {
            Optional<Outcome> outcome = ok ? failover.run(replica, manner(), deadline) : Optional.empty();
            ok &= outcome.isPresent();
            facts.add(tell(replica, outcome));
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("ok", ok);
        all.put("failovers", facts);
        options.screen().print(all);
        return ok ? ExitCode.OK : ExitCode.FAILED;
    }

    private Manner manner() {
        return insistence == null ? Manner.HAND_OVER : insistence.manner();
    }

    private NodeReport replicaFor(NodeReport node, Failover failover) throws IOException {
        if (!node.reachable() && !node.isPrimary()) {
            throw new IOException("node " + node.address() + ": " + node.problem());
        }
        return failover.candidate(node, manner(), _ -> true).orElseThrow(() -> new ClusterUnhealthy(
                node.address() + " has no replica in step that could take over; granary check says why,"
                        + " --force takes one that is not"));
    }

    /** The best replicas elsewhere of all primaries on the host; each must have one before the first is moved. */
    private List<NodeReport> successorsOn(Survey survey, Failover failover) throws IOException {
        List<NodeReport> replicas = new ArrayList<>();
        for (NodeReport primary : survey.primaries()) {
            if (primary.address().host().equals(host) && !primary.slots().isEmpty()) {
                replicas.add(failover.candidate(primary, manner(), replica -> !replica.address().host().equals(host))
                        .orElseThrow(() -> new ClusterUnhealthy(
                                primary.address() + " has no replica in step on another host; nothing was changed")));
            }
        }
        if (replicas.isEmpty()) {
            options.screen().say("no primary with slots is on " + host);
        }
        return replicas;
    }

    private Map<String, Object> tell(NodeReport replica, Optional<Outcome> outcome) {
        Screen screen = options.screen();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", outcome.isPresent());
        facts.put("node", replica.address().toString());
        facts.put("id", replica.id());
        outcome.ifPresentOrElse(done -> {
            facts.put("former", done.former().address().toString());
            facts.put("slotCount", done.former().slots().size());
            facts.put("seconds", done.seconds());
            screen.say(screen.good(replica.address() + " is primary") + " in place of " + done.former().address() + ", with "
                    + Table.grouped(done.former().slots().size()) + " slots"
                    + String.format(Locale.ROOT, " (%.2f s)", done.seconds()));
        }, () -> screen.warn("granary: " + replica.address() + " has not taken over within " + options.timeout()
                + "; --force does not ask its primary"));
        return facts;
    }
}
