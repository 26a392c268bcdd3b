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
import java.util.List;
import java.util.Optional;

/** Shards of a primary and a replica each, as processes on neighbouring ports, formed and in step. */
public final class TrialCluster implements AutoCloseable {

    private static final int START_SECONDS = 90;
    private static final int SETTLE_SECONDS = 90;

    private final List<TrialNode> nodes = new ArrayList<>();

    private TrialCluster() {}

    /**
     * Starts one node for each program: the first half of them become primaries with equal shares of the slots, the others
     * their replicas in the same order.
     *
     * @param programs an even number
     * @param firstPort of the first node; the others follow
     * @param folder for the nodes' files
     */
    public static TrialCluster start(
            List<Program> programs, int firstPort, Path folder, long nodeTimeoutMs, String... directives) throws IOException {
        TrialCluster cluster = new TrialCluster();
        List<String> all = new ArrayList<>(List.of(
                "--cluster-enabled", "yes", "--cluster-node-timeout", Long.toString(nodeTimeoutMs), "--save", "",
                "--appendonly", "no", "--repl-diskless-sync-delay", "0"));
        all.addAll(List.of(directives));
        try {
            for (int i = 0; i < programs.size(); i++) {
                int port = firstPort + i;
                TrialNode node = new TrialNode(programs.get(i), port, folder.resolve(Integer.toString(port)), all);
                cluster.nodes.add(node);
                node.start();
            }
            cluster.form();
            return cluster;
        } catch (IOException | RuntimeException failure) {
            cluster.close();
            throw failure;
        }
    }

    public List<TrialNode> nodes() {
        return nodes;
    }

    // ---- forming

    private void form() throws IOException {
        Deadline deadline = Deadline.inSeconds(START_SECONDS);
        for (TrialNode node : nodes) {
            require(deadline.await(() -> answers(node)), node + " does not answer; its log: " + node.log());
        }
        int shards = nodes.size() / 2;
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).ask("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
            if (i < shards) {
                nodes.get(i).ask("CLUSTER", "ADDSLOTSRANGE", Slot.COUNT * i / shards, Slot.COUNT * (i + 1) / shards - 1);
            }
            nodes.getFirst().ask("CLUSTER", "MEET", nodes.get(i).address().host(), nodes.get(i).address().port());
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

    private static boolean answers(TrialNode node) {
        try {
            return node.ask("PING").equals("PONG");
        } catch (IOException _) {
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
            require(deadline.await(() -> isSettled(node)), node + " does not settle; its log: " + node.log());
        }
    }

    private boolean isSettled(TrialNode node) {
        try {
            List<NodeEntry> known = view(node);
            boolean quiet = known.size() == nodes.size() && known.stream()
                    .noneMatch(each -> each.flags().contains("fail") || each.flags().contains("fail?") || each.inHandshake());
            InfoText replication = InfoText.parse(node.ask("INFO", "replication"));
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

    /** A hash tag, braces included, whose slot a primary owns. */
    public static String tagOf(TrialNode primary) throws IOException {
        List<SlotRange> slots = self(primary).slots();
        for (int i = 0; i < Slot.COUNT * 20; i++) {
            int slot = Slot.of(Integer.toString(i).getBytes(StandardCharsets.US_ASCII));
            Optional<SlotRange> owned = slots.stream().filter(range -> slot >= range.first() && slot <= range.last()).findAny();
            if (owned.isPresent()) {
                return "{" + i + "}";
            }
        }
        throw new IOException(primary + " owns no slot");
    }

    @Override
    public void close() {
        nodes.forEach(TrialNode::kill);
    }
}
