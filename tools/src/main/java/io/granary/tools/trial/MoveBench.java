package io.granary.tools.trial;

import io.granary.resp.Frame;
import io.granary.resp.RequestEncoder;
import io.granary.slots.Slot;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures moves of slots full of small keys between two nodes, while clients write to these slots: ours, and {@code
 * redis-cli --cluster reshard} between two redis-servers beside it.
 */
@Command(name = "move", description = "Moves slots under a checked load, and prints a table.",
        mixinStandardHelpOptions = true)
public final class MoveBench implements Runnable {

    private static final int VALUE_BYTES = 64;
    private static final int SLOTS = 4096;
    private static final int BATCH = 500;
    private static final int FILL_TIMEOUT_MS = 30_000;
    private static final int MOVE_SECONDS = 600;
    private static final int CLIENTS = 4;
    private static final int KEYS_EACH = 2000;
    private static final long POLL_NANOS = 1_000_000;

    @Option(names = "--keys", defaultValue = "1000000", description = "in the slots that move (default: ${DEFAULT-VALUE})")
    private int keys;

    @Option(names = "--rounds", defaultValue = "5", description = "there and back, of ours (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--port", defaultValue = "22130", description = "the first of four (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(names = "--calm-seconds", defaultValue = "3", description = "of load before a move (default: ${DEFAULT-VALUE})")
    private int calmSeconds;

    @Option(names = "--programs", split = ",", defaultValue = "redis-server,granary",
            description = "which programs (default: ${DEFAULT-VALUE})")
    private List<String> programs;

    private final PrintStream out = System.out;

    private MoveBench() {}

    /** Measures; {@code -Dgranary.dist} is the distribution to test. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new MoveBench()).execute(arguments));
    }

    /** What one move took, what it cost the clients, and for how long the host had cores of this machine meanwhile. */
    private record Move(double seconds, double calmRate, double rate, double longestMs, double stolenMs) {}

    @Override
    public void run() {
        out.printf(Locale.ROOT, "%d keys of 64 bytes in %d slots; %d clients write to these slots meanwhile%n%n",
                keys, SLOTS, CLIENTS);
        out.println("| program | move | seconds | clients' writes/s before | during | ratio | longest write, ms"
                + " | taken by the host, ms |");
        out.println("|---|---:|---:|---:|---:|---:|---:|---:|");
        Path launcher = Path.of(System.getProperty("granary.dist", "target/dist"), "bin", "granary-server").toAbsolutePath();
        double redis = 0;
        try {
            if (programs.contains("redis-server")) {
                redis = measure(Program.REDIS, port, 1);
            }
            if (programs.contains("granary")) {
                double ours = measure(Program.granary(launcher), port + 2, rounds);
                if (redis > 0) {
                    out.printf(Locale.ROOT, "%nOurs is %.1f times as fast (median).%n", redis / ours);
                }
            }
        } catch (IOException failure) {
            out.println("failed: " + failure);
        }
    }

    /** The median time. */
    private double measure(Program program, int firstPort, int times) throws IOException {
        Path folder = Files.createTempDirectory("granary-move");
        TrialNode one = new TrialNode(program, firstPort, folder.resolve("one"), directives());
        TrialNode other = new TrialNode(program, firstPort + 1, folder.resolve("other"), directives());
        try {
            form(one, other);
            fill(one);
            double[] seconds = new double[times];
            for (int i = 0; i < times; i++) {
                TrialNode from = i % 2 == 0 ? one : other;
                Move move = move(program, from, from == one ? other : one);
                seconds[i] = move.seconds();
                out.printf(Locale.ROOT, "| %s | %d | %.2f | %.0f | %.0f | %.2f | %.0f | %.0f |%n",
                        program.name(), i + 1, move.seconds(), move.calmRate(), move.rate(),
                        move.rate() / move.calmRate(), move.longestMs(), move.stolenMs());
            }
            Arrays.sort(seconds);
            return seconds[times / 2];
        } finally {
            one.kill();
            other.kill();
            FailoverBench.remove(folder);
        }
    }

    private static List<String> directives() {
        return List.of("--cluster-enabled", "yes", "--save", "", "--appendonly", "no", "--cluster-node-timeout", "15000");
    }

    private static void form(TrialNode one, TrialNode other) throws IOException {
        one.start();
        other.start();
        Deadline deadline = Deadline.inSeconds(60);
        TrialCluster.require(deadline.await(() -> one.answers() && other.answers()), "the nodes do not start");
        one.ask("CLUSTER", "SET-CONFIG-EPOCH", 1);
        other.ask("CLUSTER", "SET-CONFIG-EPOCH", 2);
        one.ask("CLUSTER", "ADDSLOTSRANGE", 0, 8191);
        other.ask("CLUSTER", "ADDSLOTSRANGE", 8192, Slot.COUNT - 1);
        one.ask("CLUSTER", "MEET", other.address().host(), other.address().port());
        for (TrialNode node : List.of(one, other)) {
            TrialCluster.require(
                    deadline.await(() -> node.ask("CLUSTER", "INFO").contains("cluster_state:ok")), "no cluster");
        }
    }

    /** Keys whose names hash to the first slots. */
    private void fill(TrialNode node) throws IOException {
        String value = "x".repeat(VALUE_BYTES);
        int number = 0;
        try (Socket socket = new Socket(node.address().host(), node.address().port())) {
            socket.setSoTimeout(FILL_TIMEOUT_MS);
            for (int i = 0; i < keys; i += BATCH) {
                ByteArrayOutputStream batch = new ByteArrayOutputStream();
                int count = 0;
                while (count < Math.min(BATCH, keys - i)) {
                    String key = "key:" + number++;
                    if (Slot.of(key.getBytes(StandardCharsets.US_ASCII)) < SLOTS) {
                        batch.writeBytes(RequestEncoder.encode("SET", key, value));
                        count++;
                    }
                }
                batch.writeTo(socket.getOutputStream());
                socket.getInputStream().skipNBytes((long) count * "+OK\r\n".length());
            }
        }
    }

    private Move move(Program program, TrialNode from, TrialNode to) throws IOException {
        List<Address> nodes = List.of(from.address(), to.address());
        try (CheckedLoad load = CheckedLoad.start(nodes, slot -> slot < SLOTS, CLIENTS, KEYS_EACH, 0)) {
            pause(1);
            long before = load.count();
            pause(calmSeconds);
            double calmRate = (load.count() - before) / (double) calmSeconds;
            load.watch(true);
            long countAtBegin = load.count();
            double stolenBefore = Processes.stolenMs();
            long began = System.nanoTime();
            if (program == Program.REDIS) {
                reshard(from, to);
            } else {
                migrate(from, to);
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            double rate = (load.count() - countAtBegin) / seconds;
            double stolenMs = Processes.stolenMs() - stolenBefore;
            pause(1);
            load.stop();
            List<String> faults = load.faults();
            TrialCluster.require(faults.isEmpty(), "writes were lost or doubled: " + faults);
            return new Move(seconds, calmRate, rate, load.longestMs(), stolenMs);
        }
    }

    private static void pause(int seconds) {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
    }

    private static void migrate(TrialNode from, TrialNode to) throws IOException {
        String target = to.ask("CLUSTER", "MYID");
        try (Connection connection = from.connect()) {
            connection.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, SLOTS - 1, "NODE", target);
            Deadline deadline = Deadline.inSeconds(MOVE_SECONDS);
            String state = "";
            while (!state.equals("success")) {
                TrialCluster.require(!state.equals("failed"), "the move has failed");
                TrialCluster.require(!deadline.passed(), "the move does not end: " + state);
                LockSupport.parkNanos(POLL_NANOS);
                Frame latest = ((Frame.Array) connection.call("CLUSTER", "GETSLOTMIGRATIONS")).items().getFirst();
                state = field((Frame.Array) latest, "state");
            }
        }
    }

    private static String field(Frame.Array job, String name) {
        for (int i = 0; i < job.items().size(); i += 2) {
            if (job.items().get(i).text().equals(name)) {
                return job.items().get(i + 1).text();
            }
        }
        return "";
    }

    private static void reshard(TrialNode from, TrialNode to) throws IOException {
        Path folder = Files.createTempDirectory("granary-reshard");
        try {
            Processes.output(MOVE_SECONDS, folder, "redis-cli", "--cluster", "reshard", from.address().toString(),
                    "--cluster-from", from.ask("CLUSTER", "MYID"), "--cluster-to", to.ask("CLUSTER", "MYID"),
                    "--cluster-slots", Integer.toString(SLOTS), "--cluster-yes");
        } finally {
            FailoverBench.remove(folder);
        }
    }
}
