package io.granary.tools.trial;

import io.granary.tools.trial.Partitions.Story;
import io.granary.tools.trial.Trials.Handover;
import io.granary.tools.trial.Trials.Stale;
import io.granary.tools.trial.Trials.Takeover;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how clusters of three primaries and three replicas survive faults: Granary, and redis-server beside it. */
@Command(name = "failover", description = "Kills, pauses and hands over primaries under clients, and prints a table.",
        mixinStandardHelpOptions = true)
public final class FailoverBench implements Runnable {

    /** From here on it matters; a single tick of the clock does not. */
    private static final double STOLEN_MS = 20;

    private static final int NODES = 6;
    private static final int STALE_WRITES = 500;
    private static final String PARTITION = "partition";

    @Option(names = "--rounds", defaultValue = "5", description = "of every trial (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--timeouts", split = ",", defaultValue = "1000,5000,15000",
            description = "values of cluster-node-timeout in ms (default: ${DEFAULT-VALUE})")
    private List<Integer> timeouts;

    @Option(names = "--trials", split = ",", defaultValue = "kill,pause,stale,handover",
            description = "which trials (default: ${DEFAULT-VALUE})")
    private List<String> trials;

    @Option(names = "--programs", split = ",", defaultValue = "granary,redis-server",
            description = "which programs (default: ${DEFAULT-VALUE})")
    private List<String> programs;

    @Option(names = "--port", defaultValue = "22500", description = "the first of six (default: ${DEFAULT-VALUE})")
    private int port;

    private final PrintStream out = System.out;

    private FailoverBench() {}

    /** Runs the trials asked for; {@code -Dgranary.dist} is the distribution to test. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new FailoverBench()).execute(arguments));
    }

    @Override
    public void run() {
        out.println("| trial | cluster-node-timeout | program | median | worst | remarks |");
        out.println("|---|---:|---|---:|---:|---|");
        for (int timeout : timeouts) {
            for (Program program : List.of(Program.granary(launcher()), Program.REDIS)) {
                if (programs.contains(program.name())) {
                    run(program, timeout);
                }
            }
        }
    }

    private static Path launcher() {
        return Path.of(System.getProperty("granary.dist", "target/dist"), "bin", "granary-server").toAbsolutePath();
    }

    private void run(Program program, int timeoutMs) {
        run(program, timeoutMs, trials.stream().filter(trial -> !trial.equals(PARTITION)).toList(), TrialCluster::start);
        run(program, timeoutMs, trials.stream().filter(trial -> trial.equals(PARTITION)).toList(), TrialCluster::startApart);
    }

    /** How a cluster is made: with a network that can be cut, or without. */
    private interface Start {
        TrialCluster start(List<Program> programs, int port, Path folder, long timeoutMs, String... directives)
                throws IOException;
    }

    private void run(Program program, int timeoutMs, List<String> some, Start start) {
        if (some.isEmpty()) {
            return;
        }
        try {
            Path folder = Files.createTempDirectory("granary-failover");
            try (TrialCluster cluster = start.start(Collections.nCopies(NODES, program), port, folder, timeoutMs)) {
                for (String trial : some) {
                    run(trial, cluster, program, timeoutMs);
                }
            } finally {
                remove(folder);
            }
        } catch (IOException failure) {
            out.printf("| | %d | %s | | | failed: %s |%n", timeoutMs, program.name(), failure.getMessage());
        }
    }

    private void run(String trial, TrialCluster cluster, Program program, int timeoutMs) throws IOException {
        String row = "| " + trial + " | " + timeoutMs + " ms | " + program.name() + " | ";
        switch (trial) {
            case "kill" -> takeovers(row, cluster, Trials::kill);
            case "pause" -> takeovers(row, cluster, Trials::pause);
            case "stale" -> {
                List<Stale> all = new ArrayList<>();
                for (int i = 0; i < rounds; i++) {
                    all.add(Trials.stale(cluster, STALE_WRITES));
                }
                out.printf(Locale.ROOT, "%s | | of %d writes queued at a paused primary %d acknowledged,"
                                + " %d of them lost |%n",
                        row,
                        all.stream().mapToInt(Stale::sent).sum(), all.stream().mapToInt(Stale::acknowledged).sum(),
                        all.stream().mapToInt(Stale::lost).sum());
            }
            case "handover" -> {
                List<Round<Handover>> all = rounds(() -> Trials.handover(cluster));
                print(row, all, Handover::stallMs, "%d acknowledged writes lost",
                        all.stream().mapToInt(each -> each.outcome().loss().lost()).sum());
            }
            case PARTITION -> {
                for (Partitions.Cut cut : Partitions.Cut.values()) {
                    print(row, Partitions.tell(cluster, cut), cut);
                }
            }
            default -> throw new IOException("no trial: " + trial);
        }
    }

    /** What is done to the primary of a shard. */
    private interface Fault {
        Takeover befall(TrialCluster cluster) throws IOException;
    }

    /** What a round told, and what the host took from this machine meanwhile. */
    private record Round<T>(T outcome, double stolenMs) {}

    /** Something that is tried once. */
    private interface Attempt<T> {
        T make() throws IOException;
    }

    private <T> List<Round<T>> rounds(Attempt<T> attempt) throws IOException {
        List<Round<T>> all = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            double before = Processes.stolenMs();
            T outcome = attempt.make();
            all.add(new Round<>(outcome, Processes.stolenMs() - before));
        }
        return all;
    }

    private void takeovers(String row, TrialCluster cluster, Fault fault) throws IOException {
        List<Round<Takeover>> all = rounds(() -> fault.befall(cluster));
        List<Takeover> outcomes = all.stream().map(Round::outcome).toList();
        print(row, all, Takeover::outageMs, "other shards: CLUSTERDOWN %d times, longest wait %.0f ms; %d acknowledged"
                        + " writes lost, of those that a replica had confirmed %d",
                outcomes.stream().mapToInt(Takeover::othersDown).sum(),
                outcomes.stream().mapToDouble(Takeover::otherStallMs).max().orElse(0),
                outcomes.stream().mapToInt(each -> each.loss().lost()).sum(),
                outcomes.stream().mapToInt(each -> each.loss().broken()).sum());
    }

    private void print(String row, Story story, Partitions.Cut cut) {
        out.printf(Locale.ROOT, "%s%s | | %s; behind the cut %d acknowledged, the last after %.0f ms,"
                        + " %d of them after the takeover; %d refused; %d acknowledged writes lost,"
                        + " of those that a replica had confirmed %d |%n",
                row, story.tookOver() ? String.format(Locale.ROOT, "%.0f ms", story.tookOverMs()) : "no takeover",
                cut.name().toLowerCase(Locale.ROOT).replace('_', ' '), story.behind(), story.lastBehindMs(), story.stale(),
                story.refused(), story.loss().lost(), story.loss().broken());
    }

    private <T> void print(String row, List<Round<T>> all, ToDoubleFunction<T> millis, String remarks, Object... figures) {
        double[] sorted = all.stream().mapToDouble(each -> millis.applyAsDouble(each.outcome())).sorted().toArray();
        out.printf(Locale.ROOT, "%s%.0f ms | %.0f ms | %s%s |%n", row, sorted[sorted.length / 2], sorted[sorted.length - 1],
                String.format(Locale.ROOT, remarks, figures), stolen(all, millis));
    }

    /** A host that takes the cores for some time delays whatever goes on: tells how the rounds went that it left alone. */
    private static <T> String stolen(List<Round<T>> all, ToDoubleFunction<T> millis) {
        List<Round<T>> alone = all.stream().filter(each -> each.stolenMs() < STOLEN_MS).toList();
        String others = alone.isEmpty() ? "" : String.format(Locale.ROOT, ", worst of the others %.0f ms",
                alone.stream().mapToDouble(each -> millis.applyAsDouble(each.outcome())).max().orElseThrow());
        return alone.size() == all.size() ? "" : String.format(Locale.ROOT,
                "; in %d rounds the host took the cores, for %.0f ms at most%s", all.size() - alone.size(),
                all.stream().mapToDouble(Round::stolenMs).max().orElseThrow(), others);
    }

    static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
