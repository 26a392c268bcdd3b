package io.granary.tools.granary;

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
import picocli.CommandLine.Parameters;

/** {@code granary set-timeout}: every node takes another for dead after so long; exit code 1 unless all were told. */
@Command(name = "set-timeout", mixinStandardHelpOptions = true,
        description = {
            "Sets cluster-node-timeout on every node.",
            "Also in its configuration file, where it has one."})
final class SetTimeoutCommand implements Callable<Integer> {

    private static final int LEAST_MS = 100;

    @Parameters(arity = "1..2", paramLabel = "[HOST:PORT] MILLISECONDS",
            description = "any node of the cluster (default: the cluster of `granary up`), and the timeout")
    private List<String> words = List.of();

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Words split = Words.of(words);
        String timeout = split.only(options.spec(), "MILLISECONDS");
        Usage.require(options.spec(), timeout.matches("\\d{1,9}") && Integer.parseInt(timeout) >= LEAST_MS,
                "the timeout must be " + LEAST_MS + " ms at least");
        Survey survey = options.survey(split.cluster());
        List<Map<String, Object>> nodes = new ArrayList<>();
        int failed = 0;
        try (Links links = new Links(options.access())) {
            for (NodeReport node : survey.reports()) {
                Map<String, Object> facts = set(node, timeout, links);
                nodes.add(facts);
                failed += facts.get("set").equals(true) ? 0 : 1;
            }
        }
        Screen screen = options.screen();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("timeoutMs", Integer.parseInt(timeout));
        facts.put("nodes", nodes);
        screen.print(facts);
        screen.say(nodes.size() - failed + " nodes set" + (failed > 0 ? ", " + screen.bad(failed + " not") : ""));
        return failed > 0 ? ExitCode.FAILED : ExitCode.OK;
    }

    private Map<String, Object> set(NodeReport node, String timeout, Links links) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("address", node.address().toString());
        facts.put("set", false);
        facts.put("saved", false);
        String news = "set and saved";
        try {
            links.call(node, "CONFIG", "SET", "cluster-node-timeout", timeout);
            facts.put("set", true);
            links.call(node, "CONFIG", "REWRITE");
            facts.put("saved", true);
        } catch (ErrorReply refused) {
            facts.put("problem", refused.getMessage());
            news = (facts.get("set").equals(true) ? "set until it ends, not saved: " : "") + refused.getMessage();
        } catch (IOException e) {
            facts.put("problem", e.getMessage());
            news = e.getMessage();
        }
        options.screen().say(node.address() + "  " + news);
        return facts;
    }
}
