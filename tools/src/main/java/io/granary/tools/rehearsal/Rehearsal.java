package io.granary.tools.rehearsal;

import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.SilentReplica;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * Plays a short scene with a finished distribution and keeps an AOT cache of each launcher in its lib folder. A
 * distribution without the caches is complete, only slower to start, so what goes wrong here is told and no more.
 */
public final class Rehearsal {

    private static final int CALLS = 300;
    /** Enough for the compiler to find all that is done for a replica worth its while. */
    private static final int KEYS = 60_000;
    private static final int BATCH = 500;
    private static final int ROUNDS_WHILE_SYNCING = 20;
    private static final String VALUE = "v".repeat(64);
    private static final int SECONDS = 90;
    private static final int ASK_TIMEOUT_MS = 5000;

    private final Path dist;
    private final Path stage;
    private final Deadline deadline = Deadline.inSeconds(SECONDS);

    private Rehearsal(Path dist, Path stage) {
        this.dist = dist;
        this.stage = stage;
    }

    public static void main(String[] arguments) throws IOException {
        Path dist = Path.of(arguments[0]).toAbsolutePath();
        Path stage = Files.createTempDirectory("granary-rehearsal");
        try {
            new Rehearsal(dist, stage).play();
        } catch (IOException e) {
            System.out.println("No AOT cache, the launchers will start slower: " + e.getMessage());
        } finally {
            remove(stage);
        }
        Files.writeString(dist.resolve("lib/built"), "");
    }

    /** A node that did not end may still write there: then something is left behind, which is no reason to fail. */
    private static void remove(Path stage) {
        try (Stream<Path> files = Files.walk(stage)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.out.println("Left behind: " + stage);
        }
    }

    /** The CLI starts a node; with the folder for caches in their surroundings both write one when they end. */
    private void play() throws IOException {
        int port = Ports.free();
        Path data = stage.resolve("data");
        Process cli = launch("up", "--nodes", "1", "--port", Integer.toString(port), "--data", data.toString());
        LocalCluster cluster = LocalCluster.of(data, port, 1);
        try {
            if (!deadline.await(() -> !cli.isAlive()) || cli.exitValue() != 0) {
                throw new IOException(Files.readString(stage.resolve("cli.out")).strip());
            }
            try (Connection connection = Connection.open(Address.local(port), ASK_TIMEOUT_MS)) {
                play(connection);
                playReplica(connection, Address.local(port));
            }
            try (ClusterScene scene = new ClusterScene(Address.local(port), dist, stage, deadline)) {
                scene.play();
            }
        } finally {
            cluster.stop(Deadline.inSeconds(SECONDS));
        }
        for (String launcher : List.of("granary-server", "granary")) {
            String cache = launcher + ".aot";
            Files.move(stage.resolve(cache), dist.resolve("lib", cache), StandardCopyOption.REPLACE_EXISTING);
        }
        Path release = Path.of(System.getProperty("java.home"), "release");
        Files.copy(release, dist.resolve("lib/aot.release"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void play(Connection connection) throws IOException {
        for (int i = 0; i < CALLS; i++) {
            connection.call("SET", "key:" + i, "value-" + i);
            connection.call("GET", "key:" + i);
            connection.call("INCR", "counter:" + i);
            connection.call("DEL", "key:" + i);
        }
        connection.call("CLUSTER", "NODES");
        connection.call("INFO");
    }

    /**
     * A node that has its first replica must not learn only then how its data are sent: while the compiler is busy with
     * that, clients wait.
     */
    private static void playReplica(Connection connection, Address node) throws IOException {
        connection.call("CONFIG", "SET", "repl-diskless-sync-delay", "0");
        write(connection, 0, KEYS);
        for (int i = 0; i < 2; i++) {
            CompletableFuture<SilentReplica> attached = CompletableFuture.supplyAsync(() -> attach(node));
            for (int round = 0; round < ROUNDS_WHILE_SYNCING; round++) {
                write(connection, round * BATCH, BATCH);
            }
            try (SilentReplica _ = attached.join()) {
                write(connection, 0, KEYS / 2);
            } catch (CompletionException e) {
                throw new IOException(e.getCause());
            }
        }
    }

    private static SilentReplica attach(Address node) {
        try {
            return SilentReplica.attach(node);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static void write(Connection connection, int from, int count) throws IOException {
        for (int i = from; i < from + count; i += BATCH) {
            for (int j = i; j < i + BATCH; j++) {
                connection.send("SET", "key:" + j, VALUE);
            }
            for (int j = i; j < i + BATCH; j++) {
                connection.receive();
            }
        }
    }

    private Process launch(String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addFirst(dist.resolve("bin/granary").toString());
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectErrorStream(true).redirectOutput(stage.resolve("cli.out").toFile());
        builder.environment().put("GRANARY_AOT_OUTPUT", stage.toString());
        builder.environment().put("JAVA25_HOME", System.getProperty("java.home"));
        return builder.start();
    }
}
