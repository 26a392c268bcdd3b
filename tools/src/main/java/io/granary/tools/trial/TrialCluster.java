package io.granary.tools.trial;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.InfoText;
import io.granary.tools.cluster.NodeEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shards of a primary and a replica each, as processes on neighbouring ports, formed and in step. */
public final class TrialCluster implements AutoCloseable {

    private static final int START_SECONDS = 90;
    private static final int SETTLE_SECONDS = 90;
    private static final int BUS_DISTANCE = 10_000;

    private final List<TrialNode> nodes = new ArrayList<>();
    /** Null where the nodes reach each other directly. */
    private final Network network;
    private final Map<TrialNode, Doors> doors = new HashMap<>();

    /** The ports that a node announces. */
    private record Doors(int clients, int bus) {}

    private TrialCluster(Network network) {
        this.network = network;
    }

    /**
     * Starts one node for each program and makes them a cluster: the first half of them become primaries with equal shares
     * of the slots, the others their replicas in the same order.
     *
     * @param programs an even number
     * @param firstPort of the first node; the others follow
     * @param folder for the nodes' files
     */
    public static TrialCluster start(
            List<Program> programs, int firstPort, Path folder, long nodeTimeoutMs, String... directives)
            throws IOException {
        TrialCluster cluster = new TrialCluster(null);
        return cluster.closedOnFailure(() -> {
            cluster.launch(programs, firstPort, folder, directives(nodeTimeoutMs, directives));
            cluster.form();
        });
    }

    /** As {@link #start}, with a {@link #network} between the nodes that can be cut. */
    public static TrialCluster startApart(
            List<Program> programs, int firstPort, Path folder, long nodeTimeoutMs, String... directives)
            throws IOException {
        TrialCluster cluster = new TrialCluster(new Network());
        return cluster.closedOnFailure(() -> {
            cluster.launch(programs, firstPort, folder, directives(nodeTimeoutMs, directives));
            cluster.form();
        });
    }

    /** Starts nodes that do not know each other. */
    public static TrialCluster startUnformed(
            List<Program> programs, int firstPort, Path folder, long nodeTimeoutMs, String... directives)
            throws IOException {
        TrialCluster cluster = new TrialCluster(null);
        return cluster.closedOnFailure(() ->
                cluster.launch(programs, firstPort, folder, directives(nodeTimeoutMs, directives)));
    }

    private interface Step {
        void run() throws IOException;
    }

    private TrialCluster closedOnFailure(Step step) throws IOException {
        try {
            step.run();
            return this;
        } catch (IOException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private static List<String> directives(long nodeTimeoutMs, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "--cluster-enabled", "yes", "--cluster-node-timeout", Long.toString(nodeTimeoutMs), "--save", "",
                "--appendonly", "no", "--repl-diskless-sync-delay", "0"));
        all.addAll(List.of(more));
        return all;
    }

    private void launch(List<Program> programs, int firstPort, Path folder, List<String> directives) throws IOException {
        for (int i = 0; i < programs.size(); i++) {
            int port = firstPort + i;
            List<String> own = new ArrayList<>(directives);
            Doors shown = new Doors(port, port + BUS_DISTANCE);
            if (network != null) {
                shown = new Doors(network.open(i, port), network.open(i, port + BUS_DISTANCE));
                own.addAll(List.of("--cluster-announce-port", Integer.toString(shown.clients()),
                        "--cluster-announce-bus-port", Integer.toString(shown.bus())));
            }
            TrialNode node = new TrialNode(programs.get(i), port, folder.resolve(Integer.toString(port)), own);
            nodes.add(node);
            doors.put(node, shown);
            node.start();
        }
        awaitRunning();
        for (int i = 0; network != null && i < nodes.size(); i++) {
            TrialNode node = nodes.get(i);
            network.introduce(i, node.ask("CLUSTER", "MYID"));
            network.introduce(i, Integer.toString(node.address().port()));
            network.introduce(i, Integer.toString(doors.get(node).clients()));
        }
    }

    /** Waits until every node answers. */
    public void awaitRunning() throws IOException {
        Deadline deadline = Deadline.inSeconds(START_SECONDS);
        for (TrialNode node : nodes) {
            if (!deadline.await(() -> node.answers())) {
                throw new IOException(node + " does not answer; " + node.lastWords());
            }
        }
    }

    /** What lies between the nodes; null where they reach each other directly. */
    public Network network() {
        return network;
    }

    public List<TrialNode> nodes() {
        return nodes;
    }

    // ---- forming

    private void form() throws IOException {
        Deadline deadline = Deadline.inSeconds(START_SECONDS);
        int shards = nodes.size() / 2;
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).ask("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
            if (i < shards) {
                nodes.get(i).ask("CLUSTER", "ADDSLOTSRANGE", Slot.COUNT * i / shards, Slot.COUNT * (i + 1) / shards - 1);
            }
            Doors met = doors.get(nodes.get(i));
            nodes.getFirst().ask("CLUSTER", "MEET", nodes.get(i).address().host(), met.clients(), met.bus());
        }
        for (TrialNode node : nodes) {
            require(deadline.await(() -> view(node).stream().filter(each -> !each.inHandshake()).count() == nodes.size()),
                    node + " does not get to know the others");
        }
        for (int i = shards; i < nodes.size(); i++) {
            TrialNode replica = nodes.get(i);
            String primary = nodes.get(i - shards).ask("CLUSTER", "MYID");
            require(deadline.await(() -> becomesReplica(replica, primary)), replica + " does not become a replica");
        }
        awaitSettled();
    }

    private static boolean becomesReplica(TrialNode replica, String primary) throws IOException {
        try {
            replica.ask("CLUSTER", "REPLICATE", primary);
            return true;
        } catch (ErrorReply _) {
            return false;
        }
    }

    static void require(boolean held, String otherwise) throws IOException {
        if (!held) {
            throw new IOException(otherwise);
        }
    }

    /** Waits until every node runs, calls the cluster ok, suspects nobody, and every replica is in step with its primary. */
    public void awaitSettled() throws IOException {
        Deadline deadline = Deadline.inSeconds(SETTLE_SECONDS);
        for (TrialNode node : nodes) {
            if (!deadline.await(() -> isSettled(node))) {
                throw new IOException(node + " does not settle:\n" + explain());
            }
        }
    }

    /** What every node knows and last logged. */
    private String explain() throws IOException {
        StringBuilder text = new StringBuilder();
        for (TrialNode node : nodes) {
            text.append("---- ").append(node).append('\n');
            try {
                text.append(node.ask("CLUSTER", "NODES")).append(node.ask("INFO", "replication"));
            } catch (IOException failure) {
                text.append(failure).append('\n');
            }
            text.append(node.lastWords()).append('\n');
        }
        return text.toString();
    }

    private boolean isSettled(TrialNode node) {
        try {
            List<NodeEntry> known = view(node);
            boolean quiet = known.size() == nodes.size() && known.stream()
                    .noneMatch(each -> each.flags().contains("fail") || each.flags().contains("fail?")
                            || each.inHandshake());
            InfoText replication = node.info("replication");
            boolean inStep = replication.text("role").equals("master")
                    ? replication.number("connected_slaves") == 1
                            && replication.text("slave0").contains("state=online")
                    : replication.text("master_link_status").equals("up");
            return quiet && inStep && node.ask("CLUSTER", "INFO").contains("cluster_state:ok");
        } catch (IOException _) {
            return false;
        }
    }

    // ---- asking

    /** The cluster as a node sees it. */
    public static List<NodeEntry> view(TrialNode node) throws IOException {
        return NodeEntry.parseAll(node.ask("CLUSTER", "NODES"));
    }

    /** The nodes that call themselves primaries with slots. */
    public List<TrialNode> primaries() throws IOException {
        List<TrialNode> primaries = new ArrayList<>();
        for (TrialNode node : nodes) {
            if (node.isRunning() && self(node).slotCount() > 0 && self(node).role().equals("primary")) {
                primaries.add(node);
            }
        }
        return primaries;
    }

    private static NodeEntry self(TrialNode node) throws IOException {
        return view(node).stream().filter(NodeEntry::myself).findFirst()
                .orElseThrow(() -> new IOException(node + " does not know itself"));
    }

    /** The running replica of a primary. */
    public TrialNode replicaOf(TrialNode primary) throws IOException {
        String id = primary.ask("CLUSTER", "MYID");
        for (TrialNode node : nodes) {
            if (node.isRunning() && node != primary && self(node).primaryId().equals(id)) {
                return node;
            }
        }
        throw new IOException(primary + " has no replica");
    }

    /** Who leads the shard of a node: itself, or its primary. */
    public TrialNode ownerOf(TrialNode member) throws IOException {
        String id = self(member).role().equals("primary") ? member.ask("CLUSTER", "MYID") : self(member).primaryId();
        for (TrialNode node : nodes) {
            if (node.ask("CLUSTER", "MYID").equals(id)) {
                return node;
            }
        }
        throw new IOException(member + " follows nobody here");
    }

    /** A hash tag, braces included, whose slot a primary owns. */
    public static String tagOf(TrialNode primary) throws IOException {
        List<SlotRange> slots = self(primary).slots();
        for (int i = 0; i < Slot.COUNT * 20; i++) {
            int slot = Slot.of(Integer.toString(i).getBytes(StandardCharsets.US_ASCII));
            Optional<SlotRange> owned =
                    slots.stream().filter(range -> slot >= range.first() && slot <= range.last()).findAny();
            if (owned.isPresent()) {
                return "{" + i + "}";
            }
        }
        throw new IOException(primary + " owns no slot");
    }

    @Override
    public void close() {
        nodes.forEach(TrialNode::kill);
        if (network != null) {
            network.close();
        }
    }
}
