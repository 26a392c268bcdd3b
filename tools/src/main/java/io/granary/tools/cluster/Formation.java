package io.granary.tools.cluster;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes one cluster of nodes that run. Slots are dealt out only where no node owns any; nodes that do not know each
 * other are introduced; what is already so is left alone. So it may be run on a finished cluster, and again after it
 * was interrupted.
 */
public final class Formation {

    private static final int TIMEOUT_MS = 5000;

    private final List<Address> nodes;

    public Formation(List<Address> nodes) {
        this.nodes = List.copyOf(nodes);
    }

    /** Does what is missing; then the nodes need some moments to agree (see {@link #awaitOk}). */
    public void form() throws IOException {
        List<NodeReport> reports = reports();
        if (reports.stream().flatMap(report -> report.known().stream()).allMatch(entry -> entry.slots().isEmpty())) {
            dealOutSlots();
        }
        introduce(reports);
    }

    private List<NodeReport> reports() throws IOException {
        Survey survey = Survey.of(nodes, TIMEOUT_MS);
        for (NodeReport report : survey.reports()) {
            if (!report.reachable()) {
                throw new IOException("node " + report.address() + ": " + report.problem());
            }
        }
        return survey.reports();
    }

    /**
     * Gives node i the i-th of equal shares. Each also starts with a config epoch of its own, so that no two of them
     * have to settle by collision which of them goes first.
     */
    private void dealOutSlots() throws IOException {
        List<SlotRange> shares = shares(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            try (Connection connection = Connection.open(nodes.get(i), TIMEOUT_MS)) {
                SlotRange share = shares.get(i);
                connection.call("CLUSTER", "ADDSLOTSRANGE", share.first(), share.last());
                setConfigEpoch(connection, i + 1);
            }
        }
    }

    /** A node that already has an epoch or knows others keeps what it has. */
    private static void setConfigEpoch(Connection connection, int epoch) throws IOException {
        try {
            connection.call("CLUSTER", "SET-CONFIG-EPOCH", epoch);
        } catch (ErrorReply refused) {
            if (!refused.getMessage().startsWith("ERR")) {
                throw refused;
            }
        }
    }

    /** All slots in {@code count} runs whose sizes differ by at most one. */
    static List<SlotRange> shares(int count) {
        List<SlotRange> shares = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shares.add(new SlotRange(Slot.COUNT * i / count, Slot.COUNT * (i + 1) / count - 1));
        }
        return shares;
    }

    /** Every pair that is missing meets at once; gossip alone would take a second for each step. */
    private void introduce(List<NodeReport> reports) throws IOException {
        for (int i = 0; i < nodes.size(); i++) {
            Set<String> known = reports.get(i).known().stream().map(NodeEntry::id).collect(Collectors.toSet());
            try (Connection connection = Connection.open(nodes.get(i), TIMEOUT_MS)) {
                for (int j = i + 1; j < nodes.size(); j++) {
                    if (!known.contains(reports.get(j).self().id())) {
                        connection.call("CLUSTER", "MEET", nodes.get(j).host(), nodes.get(j).port());
                    }
                }
            }
        }
    }

    /** Waits until all nodes agree and call the cluster ok; false if the time runs out before. */
    public boolean awaitOk(Deadline deadline) throws IOException {
        return deadline.await(() -> allSayOk() && Survey.of(nodes, TIMEOUT_MS).healthy());
    }

    /** The cheap question first: the nodes are busy starting, and this is asked often. */
    private boolean allSayOk() throws IOException {
        for (Address node : nodes) {
            try (Connection connection = Connection.open(node, TIMEOUT_MS)) {
                if (!InfoText.parse(connection.text("CLUSTER", "INFO")).text("cluster_state").equals("ok")) {
                    return false;
                }
            }
        }
        return true;
    }
}
