package io.granary.node.conformance;

import io.granary.node.Clock;
import io.granary.node.Node;
import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.granary.node.process.Shutdown;
import io.granary.node.process.StartFailure;
import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.FreePorts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A node in this JVM, on a free port, with a folder and a log of its own. */
public final class TestNode implements LiveServer {

    private static final int STARTS_MAX = 3;

    private final Path folder;
    private final int port;
    private final Node node;
    private final Shutdown shutdown;
    private final ByteArrayOutputStream log;

    private TestNode(Path folder, int port, Node node, Shutdown shutdown, ByteArrayOutputStream log) {
        this.folder = folder;
        this.port = port;
        this.node = node;
        this.shutdown = shutdown;
        this.log = log;
    }

    /** Starts a node; further arguments are its directives. */
    public static TestNode start(String... directives) {
        TestNode node = startExpiring(directives);
        try (Connection connection = node.connect()) {
            connection.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        }
        return node;
    }

    /** Starts a node that looks for expired keys, as nodes do. */
    public static TestNode startExpiring(String... directives) {
        return startAt(Clock.SYSTEM, directives);
    }

    /** Starts a node that takes its time from a clock of the test's. */
    static TestNode startAt(Clock clock, String... directives) {
        for (int attempt = 1; ; attempt++) {
            try {
                return startOn(FreePorts.next(), clock, directives);
            } catch (StartFailure e) {
                // somebody else may have taken the port in the meantime
                if (attempt == STARTS_MAX) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private static TestNode startOn(int port, Clock clock, String... directives) throws StartFailure {
        Path folder = newFolder();
        List<String> arguments = new ArrayList<>(List.of(
                "--bind", "127.0.0.1", "--port", Integer.toString(port), "--dir", folder.toString(),
                "--loglevel", "verbose", "--enable-debug-command", "yes"));
        arguments.addAll(List.of(directives));
        Configuration configuration = Configuration.of(arguments.toArray(String[]::new));
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        Shutdown shutdown = new Shutdown();
        Node node = new Node(configuration, NodeLog.open(configuration, log), clock, shutdown);
        TestNode started = new TestNode(folder, port, node, shutdown, log);
        try {
            node.start();
            return started;
        } catch (StartFailure e) {
            started.close();
            throw e;
        }
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("granary-node");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int port() {
        return port;
    }

    /** Whether a client has ended the node. */
    boolean shutdownAsked() {
        return shutdown.isRequested();
    }

    Node node() {
        return node;
    }

    /** What the node has logged so far. */
    public String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        node.stop();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
