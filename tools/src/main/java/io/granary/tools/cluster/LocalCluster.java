package io.granary.tools.cluster;

import io.granary.tools.client.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The nodes on this machine under one data folder. */
public final class LocalCluster {

    public static final int FIRST_PORT = 7001;
    public static final int NODES = 6;

    /** From so many nodes on every primary has a replica unless somebody wants it otherwise. */
    private static final int NODES_WITH_REPLICAS = 6;

    private final Path data;
    private final List<LocalNode> nodes;

    private LocalCluster(Path data, List<LocalNode> nodes) {
        this.data = data;
        this.nodes = nodes;
    }

    /** Nodes on {@code count} ports from {@code firstPort} on, whether they exist yet or not. */
    public static LocalCluster of(Path data, int firstPort, int count) {
        return new LocalCluster(data, IntStream.range(firstPort, firstPort + count)
                .mapToObj(port -> new LocalNode(data, port)).toList());
    }

    /** The nodes on the ports asked for; what is null is as in the data folder, or the default where that has no nodes. */
    public static LocalCluster resumed(Path data, Integer firstPort, Integer count) throws IOException {
        LocalCluster before = existing(data);
        boolean none = before.nodes.isEmpty();
        return of(data, firstPort != null ? firstPort : none ? FIRST_PORT : before.firstPort(),
                count != null ? count : none ? NODES : before.nodes.size());
    }

    /** The nodes that have a folder. */
    public static LocalCluster existing(Path data) throws IOException {
        if (!Files.isDirectory(data)) {
            return new LocalCluster(data, List.of());
        }
        try (Stream<Path> folders = Files.list(data)) {
            return new LocalCluster(data, folders.filter(folder -> folder.getFileName().toString().matches("\\d{1,5}"))
                    .map(folder -> new LocalNode(data, Integer.parseInt(folder.getFileName().toString())))
                    .filter(node -> Files.exists(node.configuration()))
                    .sorted((a, b) -> Integer.compare(a.address().port(), b.address().port())).toList());
        }
    }

    /** How many replicas each primary has where nothing else was asked for. */
    public int replicasByDefault() {
        return nodes.size() >= NODES_WITH_REPLICAS ? 1 : 0;
    }

    public List<LocalNode> nodes() {
        return nodes;
    }

    /** The lowest port of a node; there must be one. */
    public int firstPort() {
        return nodes.getFirst().address().port();
    }

    public List<Address> addresses() {
        return nodes.stream().map(LocalNode::address).toList();
    }

    /** Starts what does not run, all at once, and waits until every node serves. Returns how many were started. */
    public int start(Path launcher, Deadline deadline) throws IOException {
        Map<LocalNode, Process> started = new LinkedHashMap<>();
        for (LocalNode node : nodes) {
            if (node.process().isEmpty()) {
                started.put(node, node.start(launcher));
            }
        }
        for (LocalNode node : nodes) {
            Process process = started.get(node);
            boolean ready = deadline.await(() -> node.ready() || process != null && !process.isAlive());
            if (process != null && !process.isAlive()) {
                node.forgetProcess();
                throw new IOException("node " + node.address() + " did not start:\n" + node.lastWords());
            }
            if (!ready) {
                throw new IOException("node " + node.address() + " does not answer; its log: " + node.log());
            }
        }
        return started.size();
    }

    /** Ends the nodes as SIGTERM does, and waits. Returns how many ran. */
    public int stop(Deadline deadline) throws IOException {
        Map<LocalNode, ProcessHandle> running = new LinkedHashMap<>();
        for (LocalNode node : nodes) {
            Optional<ProcessHandle> process = node.process();
            process.ifPresent(handle -> running.put(node, handle));
        }
        running.values().forEach(ProcessHandle::destroy);
        for (Map.Entry<LocalNode, ProcessHandle> entry : running.entrySet()) {
            if (!deadline.await(() -> !entry.getValue().isAlive())) {
                throw new IOException("node " + entry.getKey().address() + " (process " + entry.getValue().pid()
                        + ") does not end; its log: " + entry.getKey().log());
            }
        }
        for (LocalNode node : nodes) {
            node.forgetProcess();
        }
        return running.size();
    }

    /** Removes the folders of the nodes, which must not run, and the data folder if nothing else is in it. */
    public void wipe() throws IOException {
        for (LocalNode node : nodes) {
            node.wipe();
        }
        try (Stream<Path> rest = Files.exists(data) ? Files.list(data) : Stream.empty()) {
            if (rest.findAny().isEmpty()) {
                Files.deleteIfExists(data);
            }
        }
    }
}
