package io.granary.tools.granary;

import io.granary.tools.client.Address;
import io.granary.tools.cluster.Checkup;
import io.granary.tools.cluster.ClusterUnhealthy;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.Finding;
import io.granary.tools.cluster.Finding.Kind;
import io.granary.tools.cluster.Joining;
import io.granary.tools.cluster.Links;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary add-node}: a node is a member of a cluster afterwards. */
@Command(name = "add-node", mixinStandardHelpOptions = true,
        description = {
            "Brings an empty node into a cluster.",
            "It comes as a primary without slots (granary rebalance --use-empty-primaries gives it some), or"
                    + " as a replica. May be repeated."})
final class AddNodeCommand implements Callable<Integer> {

    private static final Set<Kind> HINDRANCES = EnumSet.of(Kind.STATE_FAIL, Kind.SLOT_UNCOVERED, Kind.SLOT_OWNERS,
            Kind.SLOT_OPEN, Kind.VIEW_DIFFERS, Kind.EPOCH_COLLISION);

    @Parameters(index = "0", paramLabel = "NEW", description = "the new node, as HOST:PORT")
    private String newcomer;

    @Parameters(index = "1..*", arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Option(names = {"--replica", "--slave", "--cluster-replica", "--cluster-slave"}, description = "as a replica")
    private boolean replica;

    @Option(names = {"--primary-id", "--master-id", "--cluster-primary-id", "--cluster-master-id"}, paramLabel = "NODE",
            description = "as a replica of this primary, by id or address (default: one with the fewest replicas)")
    private String primaryName;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Address address = options.address(newcomer);
        Survey survey = options.survey(node);
        NodeReport fresh = Survey.of(List.of(address), options.access()).reports().getFirst();
        if (!fresh.reachable()) {
            throw new IOException("node " + address + ": " + fresh.problem());
        }
        Deadline deadline = options.deadline();
        try (Links links = new Links(options.access())) {
            NodeReport primary = primaryFor(survey, fresh);
            Joining joining = new Joining(survey, fresh, links);
            boolean added = !joining.isMember();
            if (added) {
                requireServing(survey);
                join(joining, primary == null, deadline);
            }
            if (primary != null && !fresh.self().primaryId().equals(primary.id())) {
                options.screen().say("... waiting until it has the data of " + primary.address());
                require(Joining.follow(fresh, primary, links, deadline), "has not the data of " + primary.address());
            }
            return tell(address, primary, added);
        }
    }

    private void require(boolean held, String otherwise) throws IOException {
        if (!held) {
            throw new IOException(newcomer + " " + otherwise + " after " + options.timeout() + "; add-node may be repeated");
        }
    }

    /** A node that is down may be the very reason for adding one; but all slots must be served and agreed upon. */
    private static void requireServing(Survey survey) throws ClusterUnhealthy {
        for (Finding finding : Checkup.of(survey, 0)) {
            if (HINDRANCES.contains(finding.kind())) {
                throw new ClusterUnhealthy(finding.text() + "; nothing was changed, granary check tells all");
            }
        }
    }

    private void join(Joining joining, boolean asPrimary, Deadline deadline) throws IOException {
        String objection = joining.objection().orElse(null);
        if (objection != null) {
            throw new IOException(objection + "; only an empty node can be added: FLUSHALL and CLUSTER RESET make it so");
        }
        if (asPrimary && joining.copyFunctions()) {
            options.screen().say("... its functions are those of the cluster now");
        }
        options.screen().say("... waiting until all nodes know it");
        require(joining.join(deadline), "is not known to all nodes");
    }

    private NodeReport primaryFor(Survey survey, NodeReport fresh) throws IOException {
        if (primaryName == null) {
            return !replica || !fresh.isPrimary() ? null : Joining.primaryInNeed(survey, fresh)
                    .orElseThrow(() -> new ClusterUnhealthy("no primary of the cluster owns slots"));
        }
        NodeReport primary = options.node(survey, primaryName);
        if (!primary.isPrimary()) {
            throw new IOException(primary.address() + " is a replica itself; name a primary");
        }
        return primary;
    }

    private Integer tell(Address address, NodeReport primary, boolean added) {
        Screen screen = options.screen();
        NodeReport now = Survey.of(List.of(address), options.access()).reports().getFirst();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", true);
        facts.put("added", added);
        facts.put("node", NodeFacts.of(now));
        screen.print(facts);
        screen.say(screen.good(address + (added ? " is a member now" : " is a member already"))
                + (primary == null ? "" : ", a replica of " + primary.address()) + "; its id is " + now.id());
        return ExitCode.OK;
    }
}
