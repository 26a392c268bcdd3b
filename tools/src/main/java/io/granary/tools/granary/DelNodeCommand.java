package io.granary.tools.granary;

import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.Leaving;
import io.granary.tools.cluster.Links;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code granary del-node}: a node is no member of its cluster afterwards. */
@Command(name = "del-node", mixinStandardHelpOptions = true,
        description = {
            "Takes a node without slots out of its cluster.",
            "Its replicas get other primaries first, all others forget it, and it is reset. It may be a node"
                    + " that is down."})
final class DelNodeCommand implements Callable<Integer> {

    @Parameters(arity = "1..2", paramLabel = "[HOST:PORT] NODE",
            description = "any node of the cluster (default: the one named second, or the cluster of `granary up`), and the"
                    + " node to remove by id or address")
    private List<String> words;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        boolean named = words.size() == 2 || Words.isAddress(words.getFirst());
        Survey survey = options.survey(named ? words.subList(0, 1) : List.of());
        NodeReport leaver = options.node(survey, words.getLast());
        Deadline deadline = options.deadline();
        Screen screen = options.screen();
        try (Links links = new Links(options.access())) {
            Leaving leaving = new Leaving(survey, leaver, links);
            String objection = leaving.objection().orElse(null);
            if (objection != null) {
                throw new IOException(objection + "; nothing was changed");
            }
            Map<NodeReport, NodeReport> moved = leaving.moveReplicas(deadline).orElseThrow(() -> new IOException(
                    "a replica of " + leaver.address() + " has not got another primary's data after " + options.timeout()
                            + "; del-node may be repeated"));
            moved.forEach((replica, primary) -> screen.say(replica.address() + " follows " + primary.address() + " now"));
            if (!leaving.forget(deadline)) {
                throw new IOException("some nodes still know " + leaver.address() + " after " + options.timeout()
                        + "; del-node may be repeated with its id");
            }
            tell(survey, leaver, moved, leaving.reset());
        }
        return ExitCode.OK;
    }

    private void tell(Survey survey, NodeReport leaver, Map<NodeReport, NodeReport> moved, boolean reset) {
        Screen screen = options.screen();
        List<Map<String, Object>> replicas = new ArrayList<>();
        moved.forEach((replica, primary) -> {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("replica", replica.address().toString());
            each.put("primary", primary.address().toString());
            replicas.add(each);
        });
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", true);
        facts.put("address", leaver.address().toString());
        facts.put("id", leaver.id());
        facts.put("replicas", replicas);
        facts.put("reset", reset);
        screen.print(facts);
        screen.say(screen.good(leaver.address() + " is no member any more") + (reset ? "" : "; it does not answer: remove"
                + " its nodes.conf before it is started again, or it will come back"));
        survey.reports().stream().filter(node -> !node.reachable() && !node.id().equals(leaver.id())).forEach(node ->
                screen.warn(node.address() + " does not answer and still knows it; repeat del-node when it is back"));
    }
}
