package io.granary.node.embedded;

import io.granary.gossip.ClusterView;
import io.granary.node.process.StartFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cluster of real nodes in this JVM, formed and ready, on free ports of the loopback interface:
 *
 * <pre>{@code
 * try (EmbeddedCluster cluster = EmbeddedCluster.start(3)) {
 *     JedisCluster client = new JedisCluster(new HostAndPort("127.0.0.1", cluster.node(0).port()));
 * }
 * }</pre>
 *
 * Closing it stops the nodes and removes their files.
 */
public final class EmbeddedCluster implements AutoCloseable {

    static final String HOST = "127.0.0.1";

    /** Ports for clients from here; those of the bus, 10000 above, stay below the ports that systems give out themselves. */
    private static final int PORT_LEAST = 10_100;
    private static final int PORT_MOST = 22_700;
    private static final int BUS_PORT_DISTANCE = 10_000;
    private static final int PORT_TRIES = 200;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long POLL_NANOS = 5_000_000;

    private final Path directory;
    private final List<EmbeddedNode> nodes = new ArrayList<>();

    private EmbeddedCluster(Path directory) {
        this.directory = directory;
    }

    /**
     * Starts so many nodes and forms them to a cluster; returns when all of them serve.
     *
     * @param directives further arguments for every node, as on the command line: {@code "--maxmemory", "100mb"}
     */
    public static EmbeddedCluster start(int nodes, String... directives) {
        EmbeddedCluster cluster = unformed(nodes, directives);
        try {
            cluster.form(nodes);
        } catch (RuntimeException failure) {
            cluster.close();
            throw failure;
        }
        return cluster;
    }

    /**
     * As {@link #start}, with replicas: the first nodes are the primaries, behind them come the replicas of all of them in
     * the same order, then a second replica of each, and so on.
     */
    public static EmbeddedCluster startWithReplicas(int primaries, int replicasEach, String... directives) {
        EmbeddedCluster cluster = unformed(primaries * (1 + replicasEach), directives);
        try {
            cluster.form(primaries);
        } catch (RuntimeException failure) {
            cluster.close();
            throw failure;
        }
        return cluster;
    }

    /** Starts so many nodes that do not know each other and own nothing, for tests that form them in their own way. */
    public static EmbeddedCluster unformed(int nodes, String... directives) {
        EmbeddedCluster cluster = new EmbeddedCluster(temporaryDirectory());
        try {
            for (int i = 0; i < nodes; i++) {
                cluster.add(List.of(directives));
            }
        } catch (RuntimeException failure) {
            cluster.close();
            throw failure;
        }
        return cluster;
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("granary-embedded");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Starts a node on a port that is free; another process may take it in the meantime, then on another. */
    private void add(List<String> directives) {
        StartFailure last = null;
        for (int i = 0; i < PORT_TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(PORT_LEAST, PORT_MOST);
            if (isFree(port) && isFree(port + BUS_PORT_DISTANCE)) {
                EmbeddedNode node = new EmbeddedNode(port, directoryOf(port), directives);
                try {
                    node.startOrFail();
                    nodes.add(node);
                    return;
                } catch (StartFailure failure) {
                    last = failure;
                }
            }
        }
        throw new IllegalStateException("no node could be started", last);
    }

    private Path directoryOf(int port) {
        try {
            return Files.createDirectories(directory.resolve(Integer.toString(port)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** Gives every primary its share of the slots, makes the nodes meet, appoints replicas, and waits until all serve. */
    private void form(int primaries) {
        for (int i = 0; i < primaries; i++) {
            int first = ClusterView.SLOTS * i / primaries;
            int end = ClusterView.SLOTS * (i + 1) / primaries;
            nodes.get(i).takeSlots(IntStream.range(first, end).toArray(), i + 1L);
        }
        for (EmbeddedNode other : nodes.subList(1, nodes.size())) {
            nodes.getFirst().meet(other);
        }
        awaitOk();
        for (int i = primaries; i < nodes.size(); i++) {
            nodes.get(i).replicate(nodes.get(i % primaries));
        }
        awaitOk();
    }

    /** Waits until every node runs, knows all others and serves, and replicas are in step with their primaries. */
    public void awaitOk() {
        await(() -> nodes.stream().allMatch(node -> node.isRunning() && node.isContentWith(nodes.size())),
                "not all nodes of the cluster serve");
    }

    private static void await(BooleanSupplier condition, String otherwise) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(otherwise + " after " + PATIENCE);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** All nodes, running or not. */
    public List<EmbeddedNode> nodes() {
        return List.copyOf(nodes);
    }

    /** The node with this index, from 0. */
    public EmbeddedNode node(int index) {
        return nodes.get(index);
    }

    /** Where the nodes' files are, a directory for each port. */
    public Path directory() {
        return directory;
    }

    @Override
    public void close() {
        nodes.forEach(EmbeddedNode::stop);
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
