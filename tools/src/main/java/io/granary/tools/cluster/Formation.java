package io.granary.tools.cluster;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes one cluster of nodes that run. Slots are dealt out only where no node owns any; nodes that do not know each
 * other are introduced; primaries without slots become replicas; what is already so is left alone. So it may be run on a
 * finished cluster, and again after it was interrupted.
 */
public final class Formation {

    private static final int TIMEOUT_MS = 5000;

    private final Access access = Access.within(TIMEOUT_MS);
    private final List<Address> nodes;
    private final int replicasEach;

    /** @param replicasEach how many replicas every primary gets, as far as there are nodes: the first nodes become primaries */
    public Formation(List<Address> nodes, int replicasEach) {
        this.nodes = List.copyOf(nodes);
        this.replicasEach = replicasEach;
    }

    /** Does what is missing, and waits until all nodes agree and call the cluster ok; false if the time runs out before. */
    public boolean form(Deadline deadline) throws IOException {
        acquaint();
        return (replicasEach == 0 || appointReplicas(deadline)) && awaitOk(deadline);
    }

    private void acquaint() throws IOException {
        List<NodeReport> reports = reports();
        if (reports.stream().flatMap(report -> report.known().stream()).allMatch(entry -> entry.slots().isEmpty())) {
            dealOutSlots();
        }
        introduce(reports);
    }

    private List<NodeReport> reports() throws IOException {
        Survey survey = Survey.of(nodes, access);
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
        List<SlotRange> shares = shares(Math.max(1, nodes.size() / (1 + replicasEach)));
        for (int i = 0; i < nodes.size(); i++) {
            try (Connection connection = Connection.open(nodes.get(i), access)) {
                if (i < shares.size()) {
                    connection.call("CLUSTER", "ADDSLOTSRANGE", shares.get(i).first(), shares.get(i).last());
                }
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
            try (Connection connection = Connection.open(nodes.get(i), access)) {
                for (int j = i + 1; j < nodes.size(); j++) {
                    if (!known.contains(reports.get(j).self().id())) {
                        connection.call("CLUSTER", "MEET", nodes.get(j).host(), nodes.get(j).port());
                    }
                }
            }
        }
    }

    /** Lets every node without slots follow the primary that has the fewest replicas, once they know each other. */
    private boolean appointReplicas(Deadline deadline) throws IOException {
        if (!deadline.await(() -> knowEachOther(Survey.of(nodes, access)))) {
            return false;
        }
        List<NodeEntry> known = reports().stream().map(NodeReport::self).toList();
        Map<String, Integer> replicas = new LinkedHashMap<>();
        known.stream().filter(entry -> entry.slotCount() > 0).forEach(entry -> replicas.put(entry.id(), 0));
        known.forEach(entry -> replicas.computeIfPresent(entry.primaryId(), (_, count) -> count + 1));
        for (int i = 0; i < known.size() && !replicas.isEmpty(); i++) {
            if (known.get(i).slotCount() == 0 && known.get(i).role().equals("primary")) {
                String primary = Collections.min(replicas.entrySet(), Map.Entry.comparingByValue()).getKey();
                try (Connection connection = Connection.open(nodes.get(i), access)) {
                    connection.call("CLUSTER", "REPLICATE", primary);
                }
                replicas.merge(primary, 1, Integer::sum);
            }
        }
        return true;
    }

    /** Whether every node knows all others well enough to follow one of them. */
    private boolean knowEachOther(Survey survey) {
        return survey.reports().stream().allMatch(report -> report.known().stream()
                .filter(entry -> !entry.inHandshake()).count() >= nodes.size());
    }

    /** Waits until all nodes agree, call the cluster ok, and have their primary's data. */
    private boolean awaitOk(Deadline deadline) throws IOException {
        return deadline.await(() -> allSayOk() && Survey.of(nodes, access).healthy());
    }

    /** The cheap question first: the nodes are busy starting, and this is asked often. */
    private boolean allSayOk() throws IOException {
        for (Address node : nodes) {
            try (Connection connection = Connection.open(node, access)) {
                if (!InfoText.parse(connection.text("CLUSTER", "INFO")).text("cluster_state").equals("ok")) {
                    return false;
                }
            }
        }
        return true;
    }
}
