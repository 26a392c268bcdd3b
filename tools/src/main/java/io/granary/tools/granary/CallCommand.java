package io.granary.tools.granary;

import io.granary.resp.Frame;
import io.granary.tools.client.ErrorReply;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary call}: one command for every node; exit code 1 if any of them refused it or could not be asked. */
@Command(name = "call", mixinStandardHelpOptions = true,
        description = {
            "Sends a command to every node and prints what each answers.",
            "Options of the command itself that are also ours come behind a --."})
final class CallCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "[HOST:PORT] COMMAND [ARG...]",
            description = "any node of the cluster (default: the cluster of `granary up`), and the command")
    private List<String> words = List.of();

    @Option(names = {"--only-primaries", "--only-masters", "--cluster-only-primaries", "--cluster-only-masters"},
            description = "ask primaries only")
    private boolean onlyPrimaries;

    @Option(names = {"--only-replicas", "--cluster-only-replicas"}, description = "ask replicas only")
    private boolean onlyReplicas;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Words split = Words.of(words);
        Usage.require(options.spec(), !split.rest().isEmpty(), "missing: COMMAND");
        Survey survey = options.survey(split.cluster());
        List<Map<String, Object>> replies = new ArrayList<>();
        boolean failed = false;
        try (Links links = new Links(options.patientAccess())) {
            for (NodeReport node : survey.reports()) {
                if (node.isPrimary() ? !onlyReplicas : !onlyPrimaries) {
                    failed |= !ask(node, split.rest(), links, replies);
                }
            }
        }
        options.screen().print(Map.of("replies", replies));
        return failed ? ExitCode.FAILED : ExitCode.OK;
    }

    private boolean ask(NodeReport node, List<String> command, Links links, List<Map<String, Object>> replies) {
        Screen screen = options.screen();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("address", node.address().toString());
        facts.put("id", node.id());
        replies.add(facts);
        try {
            Frame reply = links.call(node, command.toArray());
            String text = ReplyText.raw(reply);
            screen.say(screen.strong(node.address().toString()) + ":" + (text.contains("\n") ? "\n" : " ") + text);
            facts.put("reply", ReplyText.facts(reply));
            return true;
        } catch (ErrorReply refused) {
            screen.say(screen.strong(node.address().toString()) + ": " + screen.bad(refused.getMessage()));
            facts.put("error", refused.getMessage());
        } catch (IOException e) {
            screen.say(screen.bad(e.getMessage()));
            facts.put("error", e.getMessage());
        }
        return false;
    }
}
