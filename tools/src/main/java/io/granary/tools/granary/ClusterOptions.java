package io.granary.tools.granary;

import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.cluster.ClusterUnhealthy;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.LocalCluster;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every verb that looks at a cluster: how to reach it, how long to wait, what to print. */
final class ClusterOptions {

    /** Describes the parameter that {@link #seeds} reads. */
    static final String ANY_NODE = "any node of the cluster, also as HOST PORT (default: the cluster of `granary up`)";

    /** A node that does not answer an ordinary question within this is taken for down. */
    private static final int ANSWER_MS_MAX = 5000;

    @Option(names = "--user", paramLabel = "NAME", description = "the user to authenticate as")
    private String user;

    @Option(names = {"-a", "--password", "--pass"}, paramLabel = "PASSWORD",
            description = "the nodes' password (default: GRANARY_PASSWORD, else REDISCLI_AUTH of the environment)")
    private String password;

    @Option(names = "--askpass", description = "ask for the password on the terminal",
            interactive = true, arity = "0", prompt = "Password of the cluster: ")
    private String typedPassword;

    @Option(names = "--timeout", defaultValue = "60", paramLabel = "SECONDS",
            description = "how long to wait for the cluster to do what is asked; for one answer of a node not more than 5"
                    + " (default: ${DEFAULT-VALUE})")
    private double timeoutSeconds;

    @Option(names = "--json", description = "print JSON for programs")
    private boolean json;

    @Mixin
    private Consent consent;

    @Mixin
    private DataFolder data;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** For ordinary questions. */
    Access access() {
        return patientAccess().waiting(Math.min(ANSWER_MS_MAX, timeoutMs()));
    }

    /** For questions that may take their time. */
    Access patientAccess() {
        String given = Stream.of(typedPassword, password, System.getenv("GRANARY_PASSWORD"), System.getenv("REDISCLI_AUTH"))
                .filter(each -> each != null && !each.isEmpty()).findFirst().orElse(null);
        return new Access(user, given, timeoutMs());
    }

    private int timeoutMs() {
        Usage.require(spec, timeoutSeconds > 0 && timeoutSeconds <= 1_000_000, "--timeout must be in 0.001..1000000");
        return Math.max(1, (int) (timeoutSeconds * 1000));
    }

    /** How long is waited, for people. */
    String timeout() {
        return timeoutMs() / 1000.0 + " s";
    }

    /** From now until {@code --timeout} is over. */
    Deadline deadline() {
        return Deadline.inMs(timeoutMs());
    }

    Screen screen() {
        return new Screen(spec.commandLine(), json);
    }

    Consent consent() {
        return consent;
    }

    CommandSpec spec() {
        return spec;
    }

    /** {@code HOST:PORT} or {@code HOST PORT}, or of nothing the nodes of the local cluster, of which there must be one. */
    List<Address> seeds(List<String> words) throws IOException {
        if (!words.isEmpty()) {
            return List.of(address(String.join(":", words)));
        }
        List<Address> local = LocalCluster.existing(data.path()).addresses();
        if (local.isEmpty()) {
            throw new IOException("no cluster in " + data.path() + "; name a node as HOST:PORT, or use granary up");
        }
        return local;
    }

    /** An address that the user wrote. */
    Address address(String text) {
        try {
            return Address.parse(text);
        } catch (IllegalArgumentException e) {
            Usage.require(spec, false, e.getMessage());
            throw e;
        }
    }

    /** The cluster that the words of {@link #seeds} name; some node must answer. */
    Survey survey(List<String> words) throws IOException {
        Survey survey = Survey.spreadingFrom(seeds(words), access());
        if (survey.answering().isEmpty()) {
            NodeReport first = survey.reports().getFirst();
            throw new ClusterUnhealthy("node " + first.address() + ": " + first.problem());
        }
        return survey;
    }

    /** The node that the user names by id, beginning of an id, or address. */
    NodeReport node(Survey survey, String name) throws IOException {
        String known = Words.isAddress(name) ? address(name).toString() : name;
        return survey.find(known).orElseThrow(() -> new IOException(
                "no node " + name + " in this cluster; granary info shows the nodes and their ids"));
    }
}
