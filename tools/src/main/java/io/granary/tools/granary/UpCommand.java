package io.granary.tools.granary;

import io.granary.tools.client.Access;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.Formation;
import io.granary.tools.cluster.LocalCluster;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code granary up}: a cluster runs on this machine afterwards, whatever ran before. */
@Command(name = "up", description = "Starts a cluster on this machine in the background, and forms it the first time.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    private static final int ASK_TIMEOUT_MS = 2000;

    @Option(names = "--nodes", paramLabel = "N",
            description = "how many nodes (default: those of the data folder, else " + LocalCluster.NODES + ")")
    private Integer nodes;

    @Option(names = "--replicas", paramLabel = "R",
            description = "how many replicas each primary gets when the cluster is formed (default: 1 with six nodes or more)")
    private Integer replicas;

    @Option(names = "--port", paramLabel = "PORT",
            description = "the first node's port, the others follow (default: that of the data folder's first node, else "
                    + LocalCluster.FIRST_PORT + ")")
    private Integer port;

    @Option(names = "--timeout", defaultValue = "60", paramLabel = "SECONDS",
            description = "how long to wait (default: ${DEFAULT-VALUE})")
    private int timeoutSeconds;

    @Mixin
    private DataFolder data;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Usage.require(spec, nodes == null || nodes >= 1 && nodes <= 1000, "--nodes must be in 1..1000");
        Usage.require(spec, port == null || port >= 1 && port <= 55535, "--port must be in 1..55535");
        Usage.require(spec, replicas == null || replicas >= 0 && replicas <= 100, "--replicas must be in 0..100");
        LocalCluster cluster = LocalCluster.resumed(data.path(), port, nodes);
        int count = cluster.nodes().size();
        int first = cluster.firstPort();
        Usage.require(spec, first + count - 1 <= 55535, "--port must leave room for the bus ports, 10000 above");
        PrintWriter out = spec.commandLine().getOut();
        Deadline deadline = Deadline.inSeconds(timeoutSeconds);

        int started = cluster.start(launcher(), deadline);
        int replicasEach = replicas != null ? replicas : cluster.replicasByDefault();
        if (!new Formation(cluster.addresses(), replicasEach).form(deadline)) {
            explain(Survey.of(cluster.addresses(), Access.within(ASK_TIMEOUT_MS)), out);
            return ExitCode.UNHEALTHY;
        }
        String news = started == 0 ? "all ran already" : started + " started";
        out.printf(Locale.ROOT, "%s: %d nodes on 127.0.0.1:%d-%d, %s (%.1f s), data in %s%n", bold("The cluster is ok"),
                count, first, first + count - 1, news, deadline.elapsedSeconds(), shown(data.path()));
        out.printf("  connect   redis-cli -c -p %d%n", first);
        out.printf("  look      bin/granary status%n");
        out.printf("  stop      bin/granary down%n");
        out.flush();
        return ExitCode.OK;
    }

    private static Path launcher() {
        return Path.of(System.getProperty("granary.dist", "target/dist"), "bin", "granary-server").toAbsolutePath();
    }

    private void explain(Survey survey, PrintWriter out) {
        out.printf("The nodes run, but after %d s the cluster is not ok:%n", timeoutSeconds);
        for (NodeReport report : survey.reports()) {
            out.printf("  %s  %s%n", report.address(), report.reachable()
                    ? "cluster_state:" + report.state() + ", knows " + report.known().size() + " nodes"
                    : report.problem());
        }
        out.flush();
    }

    private String bold(String text) {
        return spec.commandLine().getColorScheme().ansi().string("@|bold,green " + text + "|@");
    }

    private static Path shown(Path path) {
        Path here = Path.of("").toAbsolutePath();
        return path.startsWith(here) ? here.relativize(path) : path;
    }
}
