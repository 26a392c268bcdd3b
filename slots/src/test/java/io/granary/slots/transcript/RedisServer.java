package io.granary.slots.transcript;

import io.granary.resp.Frame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A redis-server of its own, started for a test: the oracle. */
public final class RedisServer implements AutoCloseable {

    /** What a test says that has nothing to compare with. */
    public static final String WHY_SKIPPED = "redis-server is not installed (Debian: apt-get install redis-server)";

    private static final long START_MS_MAX = 30_000;
    private static final int STARTS_MAX = 3;
    private static final long RETRY_MS = 2;

    private final Process process;
    private final Path folder;
    private final int port;
    private final Connection connection;

    private RedisServer(Process process, Path folder, int port) throws IOException {
        this.process = process;
        this.folder = folder;
        this.port = port;
        try {
            connection = connect();
        } catch (IOException e) {
            stop();
            throw e;
        }
        // Only what a request touches may expire, so that replies do not depend on time.
        ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    }

    /** Whether a redis-server is on the PATH. */
    public static boolean isInstalled() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, "redis-server")));
    }

    /** Starts a server on a free port that keeps nothing on disk; further arguments are its directives. */
    public static RedisServer start(String... directives) {
        for (int attempt = 1; ; attempt++) {
            try {
                return startOn(FreePorts.next(), directives);
            } catch (IOException e) {
                // somebody else may have taken the port in the meantime
                if (attempt == STARTS_MAX) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private static RedisServer startOn(int port, String... directives) throws IOException {
        Path folder = Files.createTempDirectory("granary-redis-server");
        List<String> command = new ArrayList<>(List.of(
                "redis-server", "--bind", "127.0.0.1", "--port", Integer.toString(port), "--dir", folder.toString(),
                "--save", "", "--appendonly", "no", "--daemonize", "no", "--enable-debug-command", "yes"));
        command.addAll(List.of(directives));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        return new RedisServer(process, folder, port);
    }

    private Connection connect() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MS_MAX);
        while (true) {
            try {
                return Connection.to(port);
            } catch (IOException e) {
                if (System.nanoTime() > deadline || exited()) {
                    throw new IOException("redis-server did not start", e);
                }
            }
        }
    }

    /** Whether the process has ended, or does within a moment: the pause between two attempts to connect. */
    private boolean exited() throws IOException {
        try {
            return process.waitFor(RETRY_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Claims all slots of a clustered server and waits until it serves them. */
    public RedisServer serveAllSlots() {
        ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MS_MAX);
        while (!ask("CLUSTER", "INFO").text().contains("cluster_state:ok")) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("redis-server does not serve its slots");
            }
        }
        return this;
    }

    public int port() {
        return port;
    }

    /** The connection that has been open since the start. */
    public Connection connection() {
        return connection;
    }

    /** Sends a request of texts, one byte a character. */
    public Frame ask(String... arguments) {
        return connection.ask(arguments);
    }

    @Override
    public void close() {
        connection.close();
        stop();
    }

    private void stop() {
        process.destroy();
        try {
            process.waitFor();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
