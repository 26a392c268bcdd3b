package io.granary.tools.granary;

import io.granary.tools.client.Address;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary top}: what the nodes do, now and again. */
@Command(name = "top", description = "Shows what each node holds and does, over and over until it is interrupted.",
        mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {

    private static final int MS_PER_SECOND = 1000;

    @Parameters(arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Option(names = {"-n", "--interval"}, defaultValue = "2", paramLabel = "SECONDS",
            description = "how often (default: ${DEFAULT-VALUE})")
    private double intervalSeconds;

    @Option(names = "--once", description = "show it once; so does --json")
    private boolean once;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Usage.require(options.spec(), intervalSeconds >= 0.1 && intervalSeconds <= 86_400,
                "--interval must be in 0.1..86400");
        List<Address> seeds = options.seeds(node);
        Screen screen = options.screen();
        Survey first = options.survey(node);
        if (once || screen.json()) {
            screen.say(text(first).stripTrailing());
            screen.print(facts(first));
            return first.healthy() ? ExitCode.OK : ExitCode.UNHEALTHY;
        }
        if (GranaryCli.onTerminal()) {
            try (FullScreen page = new FullScreen(screen)) {
                watch(seeds, screen, text -> page.show(header() + text));
            }
        } else {
            watch(seeds, screen, screen::say);
        }
        return ExitCode.OK;
    }

    private interface Page {
        void show(String text);
    }

    private void watch(List<Address> seeds, Screen screen, Page page) {
        try {
            while (screen.isRead()) {
                page.show(text(Survey.spreadingFrom(seeds, options.access())));
                Thread.sleep((long) (intervalSeconds * MS_PER_SECOND));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private String header() {
        return "granary top  " + LocalTime.now().format(DateTimeFormatter.ofPattern("HH:mm:ss")) + "  every "
                + intervalSeconds + " s, Ctrl-C ends\n\n";
    }

    private static String text(Survey survey) {
        Table table = new Table("node", "role", "of", "slots", "keys", "memory", "ops/s", "clients", "lag", "state");
        long operations = 0;
        for (NodeActivity each : NodeActivity.of(survey)) {
            NodeReport report = each.report();
            table.row(report.address().toString(), each.role(), each.of(), each.slots(), each.keys(), each.memory(),
                    each.number("instantaneous_ops_per_sec"), each.number("connected_clients"), each.lag(), each.state());
            operations += Math.max(0, report.info().number("instantaneous_ops_per_sec"));
        }
        long keys = survey.primaries().stream().mapToLong(NodeReport::keys).sum();
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        table.print(out);
        out.println();
        out.println((survey.healthy() ? "ok" : "not ok") + ": " + survey.reports().size() + " nodes, "
                + Table.grouped(survey.coveredSlots()) + " slots served, " + Table.grouped(keys) + " keys, "
                + Table.grouped(operations) + " ops/s");
        out.flush();
        return text.toString();
    }

    private static Map<String, Object> facts(Survey survey) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", survey.healthy());
        facts.put("slots", survey.coveredSlots());
        facts.put("nodes", NodeActivity.of(survey).stream().map(NodeActivity::facts).collect(Collectors.toList()));
        return facts;
    }
}
