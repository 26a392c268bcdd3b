package io.granary.node.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.slots.transcript.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real redis-server in cluster mode, as a peer on the bus; and the real redis-cli. */
final class RedisPeer implements AutoCloseable {

    private static final int CLI_SECONDS_MAX = 120;

    private final int port;
    private final Process process;

    private RedisPeer(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    /** Skips the test on a machine without them. */
    static void assumeInstalled() {
        for (String program : List.of("redis-server", "redis-cli")) {
            assumeTrue(
                    Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program))),
                    "this machine has no " + program);
        }
    }

    static RedisPeer start(Path directory, long nodeTimeoutMs) throws IOException {
        int port = FreePorts.next();
        Path folder = Files.createDirectories(directory.resolve("redis-" + port));
        Process process = new ProcessBuilder(
                        "redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "",
                        "--cluster-enabled", "yes", "--cluster-node-timeout", Long.toString(nodeTimeoutMs))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        return new RedisPeer(port, process);
    }

    /** Runs redis-cli and returns what it prints; its colours are taken out. */
    static String cli(String... arguments) {
        try {
            List<String> command = new ArrayList<>(List.of(arguments));
            command.addFirst("redis-cli");
            Process cli = new ProcessBuilder(command).redirectErrorStream(true).start();
            cli.getOutputStream().close();
            byte[] output = cli.getInputStream().readAllBytes();
            if (!cli.waitFor(CLI_SECONDS_MAX, TimeUnit.SECONDS)) {
                cli.destroyForcibly();
                throw new IllegalStateException("redis-cli does not end: " + command);
            }
            return new String(output, StandardCharsets.UTF_8).replaceAll("\u001b\\[[0-9;]*m", "");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted");
        }
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    String ask(String... words) {
        List<String> arguments = new ArrayList<>(List.of("-p", Integer.toString(port)));
        arguments.addAll(List.of(words));
        return cli(arguments.toArray(String[]::new));
    }

    /** Ends the process as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
