package io.granary.tools.trial;

import io.granary.tools.client.SilentReplica;
import io.granary.tools.cluster.Deadline;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what replicas cost: a full sync of many small keys under load, and the throughput of a primary with a replica and
 * without; Granary, and redis-server beside it.
 */
@Command(name = "replication", description = "Measures full syncs and the cost of a replica, and prints a table.",
        mixinStandardHelpOptions = true)
public final class ReplicationBench implements Runnable {

    private static final int VALUE_BYTES = 64;
    private static final int CLIENTS = 50;
    private static final int PIPELINE = 16;
    private static final int WARM_SECONDS = 5;
    private static final int CALM_SECONDS = 5;
    private static final int SYNC_SECONDS = 300;
    /** A JVM compiles much during the first of a process. */
    private static final int SYNCS = 3;
    private static final int BENCHMARK_SECONDS = 300;
    private static final long SAMPLE_NANOS = 100_000_000;

    /** As any process runs, whatever the priority of this one. */
    private static final List<String> ORDINARY = List.of("chrt", "-o", "0");

    /** What would be another machine's work is to take less from the primary than an even share of the cores. */
    private static final List<String> BEHIND = List.of("chrt", "-o", "0", "nice", "-n", "5");

    private static final List<String> ON_THE_FIRST_CORE = List.of("chrt", "-o", "0", "taskset", "-c", "0");

    @Option(names = "--rounds", defaultValue = "3", description = "of each measure (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--keys", defaultValue = "4000000", description = "of a full sync (default: ${DEFAULT-VALUE})")
    private int keys;

    @Option(names = "--operations", defaultValue = "3000000",
            description = "of a round of throughput (default: ${DEFAULT-VALUE})")
    private int operations;

    @Option(names = "--measures", split = ",", defaultValue = "sync,throughput",
            description = "which measures (default: ${DEFAULT-VALUE})")
    private List<String> measures;

    @Option(names = "--port", defaultValue = "22510", description = "the first of four (default: ${DEFAULT-VALUE})")
    private int port;

    private final PrintStream out = System.out;
    private Path folder;

    private ReplicationBench() {}

    /** Measures; {@code -Dgranary.dist} is the distribution to test. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ReplicationBench()).execute(arguments));
    }

    private enum Contender {
        REDIS, GRANARY;

        private Program program() {
            Path launcher = Path.of(System.getProperty("granary.dist", "target/dist"), "bin", "granary-server");
            return this == REDIS ? Program.REDIS : Program.granary(launcher.toAbsolutePath());
        }
    }

    /** What a full sync did to the calls of its primary: to those of a fresh process, or at a later sync. */
    private record Sync(double seconds, double calmP99Ms, double p99Ms) {
        private double slowdown() {
            return p99Ms / calmP99Ms;
        }
    }

    /** Operations per second, and the primary's processor time for each. */
    private record Throughput(double rate, double cpuNanos) {}

    @Override
    public void run() {
        try {
            folder = Files.createTempDirectory("granary-replication");
            try {
                out.println("| measure | redis-server | granary | ratio | goal |");
                out.println("|---|---:|---:|---:|---:|");
                if (measures.contains("sync")) {
                    syncs();
                }
                if (measures.contains("throughput")) {
                    throughputs();
                }
            } finally {
                FailoverBench.remove(folder);
            }
        } catch (IOException failure) {
            out.println("failed: " + failure.getMessage());
        }
    }

    // ---- nodes

    private TrialNode node(Contender contender, int number, List<String> priority, String... directives)
            throws IOException {
        List<String> words = new ArrayList<>(priority);
        words.addAll(contender.program().words());
        List<String> all = new ArrayList<>(List.of("--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"));
        all.addAll(List.of(directives));
        int own = port + 2 * contender.ordinal() + number;
        TrialNode node = new TrialNode(
                new Program(contender.program().name(), words), own, folder.resolve(Integer.toString(own)), all);
        begin(node);
        return node;
    }

    /** A node that does not answer is not left behind. */
    private static void begin(TrialNode node) throws IOException {
        node.start();
        if (!Deadline.inSeconds(SYNC_SECONDS).await(node::answers)) {
            node.kill();
            throw new IOException(node + " does not answer; " + node.lastWords());
        }
    }

    // ---- full sync

    private void syncs() throws IOException {
        Map<Contender, List<List<Sync>>> beside = new EnumMap<>(Contender.class);
        Map<Contender, List<List<Sync>>> alone = new EnumMap<>(Contender.class);
        Map<Contender, List<Double>> memory = new EnumMap<>(Contender.class);
        for (int i = 0; i < rounds; i++) {
            for (Contender contender : Contender.values()) {
                add(beside, contender, syncs(contender, ReplicationBench::followAnew));
                add(alone, contender, syncs(contender, (_, primary) -> download(primary)));
                add(memory, contender, extraMemory(contender));
            }
        }
        rows("a replica loads it", beside);
        rows("redis-cli --rdb takes it", alone);
        row("extra memory of the primary meanwhile, %", memory, Double::doubleValue, "%.1f", false, "< 10");
    }

    private static <T> void add(Map<Contender, List<T>> all, Contender contender, T round) {
        all.computeIfAbsent(contender, _ -> new ArrayList<>()).add(round);
    }

    /** The first of a process, in which a JVM compiles much, and the last. */
    private void rows(String taker, Map<Contender, List<List<Sync>>> all) {
        rows("first full sync of " + keys + " keys, " + taker, all, List::getFirst);
        rows("its third, " + taker, all, List::getLast);
    }

    private void rows(String sync, Map<Contender, List<List<Sync>>> all, Function<List<Sync>, Sync> which) {
        row(sync + ", s", all, each -> which.apply(each).seconds(), "%.2f", true, ">= 0.8 of the speed");
        row("p99 of the primary before it, ms", all, each -> which.apply(each).calmP99Ms(), "%.2f", false, "");
        row("p99 of the primary meanwhile, ms", all, each -> which.apply(each).p99Ms(), "%.2f", false, "");
        row("p99 meanwhile by p99 before", all, each -> which.apply(each).slowdown(), "%.2f", false, "< 2");
    }

    /** Has somebody take all data of a primary, once; returns when that is done. */
    private interface Taking {
        void take(TrialNode replica, TrialNode primary) throws IOException;
    }

    private List<Sync> syncs(Contender contender, Taking taking) throws IOException {
        return underLoad(contender, (replica, load) -> {
            List<long[]> moments = new ArrayList<>();
            for (int i = 0; i < SYNCS; i++) {
                replica.kill();
                begin(replica);
                long calm = System.nanoTime();
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(CALM_SECONDS));
                long begun = System.nanoTime();
                taking.take(replica, load.node());
                moments.add(new long[] {calm, begun, System.nanoTime()});
            }
            load.end();
            return moments.stream().map(at -> new Sync(
                    (at[2] - at[1]) / 1e9, load.p99Ms(at[0], at[1]), load.p99Ms(at[1], at[2]))).toList();
        });
    }

    private static void followAnew(TrialNode replica, TrialNode primary) throws IOException {
        follow(replica, primary, () -> { });
    }

    /** As a replica on another machine would, which takes no processor time here. */
    private static void download(TrialNode primary) throws IOException {
        List<String> words = new ArrayList<>(BEHIND);
        words.addAll(List.of("redis-cli", "-p", Integer.toString(primary.address().port()), "--rdb", "-"));
        Processes.run(SYNC_SECONDS, words.toArray(String[]::new));
    }

    /** In a run of its own: to ask the kernel for a process's memory takes it milliseconds in which nothing else can run. */
    private double extraMemory(Contender contender) throws IOException {
        return underLoad(contender, (replica, load) -> {
            long primary = load.node().pid();
            long before = Processes.memory(primary);
            long[] most = {before};
            follow(replica, load.node(), () -> most[0] = Math.max(most[0], Processes.memory(primary)));
            load.end();
            return 100.0 * (most[0] - before) / before;
        });
    }

    /** What is measured while a primary full of keys serves its load, and a replica is at hand. */
    private interface Measurement<T> {
        T take(TrialNode replica, PacedLoad load) throws IOException;
    }

    private <T> T underLoad(Contender contender, Measurement<T> measurement) throws IOException {
        List<TrialNode> nodes = new ArrayList<>();
        try {
            nodes.add(node(contender, 0, ORDINARY));
            nodes.add(node(contender, 1, BEHIND));
            TrialNode primary = nodes.getFirst();
            PacedLoad.fill(primary, keys, VALUE_BYTES);
            try (PacedLoad load = new PacedLoad(primary, keys, VALUE_BYTES)) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(WARM_SECONDS));
                return measurement.take(nodes.getLast(), load);
            }
        } finally {
            nodes.forEach(TrialNode::kill);
        }
    }

    /** Has a replica follow its primary; returns when it is in step, and does something again and again meanwhile. */
    private static void follow(TrialNode replica, TrialNode primary, Runnable sample) throws IOException {
        replica.ask("REPLICAOF", primary.address().host(), primary.address().port());
        Deadline deadline = Deadline.inSeconds(SYNC_SECONDS);
        while (!isUp(replica)) {
            sample.run();
            TrialCluster.require(!deadline.passed(), replica + " does not get in step; " + replica.lastWords());
            LockSupport.parkNanos(SAMPLE_NANOS);
        }
    }

    private static boolean isUp(TrialNode replica) {
        try {
            return replica.info("replication").text("master_link_status").equals("up");
        } catch (IOException _) {
            return false;   // busy with loading
        }
    }

    // ---- throughput: the primary alone on the first core, all else on the second

    private void throughputs() throws IOException {
        Map<Contender, List<Throughput>> alone = new EnumMap<>(Contender.class);
        Map<Contender, List<Throughput>> followed = new EnumMap<>(Contender.class);
        Map<Contender, TrialNode> primaries = new EnumMap<>(Contender.class);
        // The replica reads in this process, and redis-benchmark is to have as much of the core as it wants.
        String here = Long.toString(ProcessHandle.current().pid());
        Processes.run(BENCHMARK_SECONDS, "chrt", "-a", "-o", "-p", "0", here);
        Processes.run(BENCHMARK_SECONDS, "taskset", "-a", "-c", "-p", "1", here);
        try {
            for (Contender contender : Contender.values()) {
                primaries.put(contender, node(contender, 0, ON_THE_FIRST_CORE, "--repl-backlog-ttl", "1"));
                throughput(primaries.get(contender));
            }
            for (int i = 0; i < rounds; i++) {
                for (Contender contender : Contender.values()) {
                    TrialNode primary = primaries.get(contender);
                    alone.computeIfAbsent(contender, _ -> new ArrayList<>()).add(throughput(primary));
                    try (SilentReplica _ = SilentReplica.attach(primary.address())) {
                        throughput(primary);   // what is compiled and copied behind a full sync is no cost of following
                        followed.computeIfAbsent(contender, _ -> new ArrayList<>()).add(throughput(primary));
                    }
                    TrialCluster.require(Deadline.inSeconds(SYNC_SECONDS).await(() ->
                            primary.info("replication").number("repl_backlog_active") == 0), primary + " keeps its backlog");
                }
            }
        } finally {
            primaries.values().forEach(TrialNode::kill);
        }
        row("SET, pipeline 16, alone, operations/s", alone, Throughput::rate, "%.0f", false, "");
        row("the same with a replica", followed, Throughput::rate, "%.0f", false, "");
        row("cost of the replica, %", costs(alone, followed, Throughput::rate), each -> 100 - 100 * each, "%.1f", false,
                "< 15");
        row("SET, alone, CPU ns/operation", alone, Throughput::cpuNanos, "%.0f", false, "");
        row("the same with a replica", followed, Throughput::cpuNanos, "%.0f", false, "");
    }

    /** Round by round, what the second is of the first. */
    private static Map<Contender, List<Double>> costs(Map<Contender, List<Throughput>> first,
            Map<Contender, List<Throughput>> second, ToDoubleFunction<Throughput> figure) {
        Map<Contender, List<Double>> ratios = new EnumMap<>(Contender.class);
        first.forEach((contender, rounds) -> {
            List<Double> each = new ArrayList<>();
            for (int i = 0; i < rounds.size(); i++) {
                each.add(figure.applyAsDouble(second.get(contender).get(i)) / figure.applyAsDouble(rounds.get(i)));
            }
            ratios.put(contender, each);
        });
        return ratios;
    }

    private Throughput throughput(TrialNode primary) throws IOException {
        double cpuBefore = Processes.cpuSeconds(primary.pid());
        String printed = Processes.output(BENCHMARK_SECONDS, folder, "chrt", "-o", "0", "taskset", "-c", "1",
                "redis-benchmark", "-p", Integer.toString(primary.address().port()), "-t", "set", "-P",
                Integer.toString(PIPELINE), "-n", Integer.toString(operations), "-c", Integer.toString(CLIENTS),
                "-d", Integer.toString(VALUE_BYTES), "-r",
                "1000000", "--csv");
        String rate = printed.lines().filter(line -> line.startsWith("\"SET\"")).findFirst()
                .orElseThrow(() -> new IOException("redis-benchmark says: " + printed)).split("\"")[3];
        double cpuSeconds = Processes.cpuSeconds(primary.pid()) - cpuBefore;
        return new Throughput(Double.parseDouble(rate), cpuSeconds * 1e9 / operations);
    }

    // ---- the table

    private <T> void row(String measure, Map<Contender, List<T>> all, ToDoubleFunction<T> figure, String format,
            boolean speed, String goal) {
        double redis = median(all.get(Contender.REDIS), figure);
        double ours = median(all.get(Contender.GRANARY), figure);
        out.printf(Locale.ROOT, "| %s | " + format + " | " + format + " | %.2f | %s |%n", measure, redis, ours,
                speed ? redis / ours : ours / redis, goal);
    }

    private static <T> double median(List<T> rounds, ToDoubleFunction<T> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
