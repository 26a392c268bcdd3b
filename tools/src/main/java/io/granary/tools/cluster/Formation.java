package io.granary.tools.cluster;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Makes one cluster of nodes that run. Slots are dealt out only where no node owns any, or only such as would be given to
 * it; nodes that do not know each other are introduced; primaries without slots become replicas; what is already so is left
 * alone. So it may be run on a finished cluster, and again after it was interrupted.
 */
public final class Formation {

    private static final int TIMEOUT_MS = 5000;
    private static final int BUS_DISTANCE = 10_000;

    private final List<Address> nodes;
    private final Placement placement;
    private final Access access;
    private final Consumer<String> progress;

    /** @param replicasEach how many replicas every primary gets, as far as there are nodes */
    public Formation(List<Address> nodes, int replicasEach) {
        this(nodes, Placement.of(nodes, replicasEach), Access.within(TIMEOUT_MS), _ -> {});
    }

    /** @param progress is told what is done next */
    public Formation(List<Address> nodes, Placement placement, Access access, Consumer<String> progress) {
        this.nodes = List.copyOf(nodes);
        this.placement = placement;
        this.access = access;
        this.progress = progress;
    }

    /** Does what is missing, and waits until all nodes agree and call the cluster ok; false if the time runs out before. */
    public boolean form(Deadline deadline) throws IOException {
        List<NodeReport> reports = reports();
        if (isUnfinished(reports)) {
            progress.accept("dealing out the slots");
            dealOutSlots(reports);
        }
        progress.accept("introducing the nodes to each other");
        introduce(reports);
        if (!placement.primaries().isEmpty() && !appointReplicas(deadline)) {
            return false;
        }
        progress.accept("waiting until all nodes call the cluster ok");
        return awaitOk(deadline);
    }

    /** Whether slots are still to be dealt out, and what is there already is nothing but a part of the same placement. */
    private boolean isUnfinished(List<NodeReport> reports) {
        Set<String> ids = reports.stream().map(NodeReport::id).collect(Collectors.toSet());
        return reports.stream().anyMatch(report -> report.slots().isEmpty() && !planned(report.address()).isEmpty())
                && reports.stream().allMatch(report -> isPartOf(ids, report));
    }

    /** Whether a node knows nobody but these, and owns nothing but the share it is to have. */
    private boolean isPartOf(Set<String> ids, NodeReport report) {
        return (report.slots().isEmpty() || planned(report.address()).equals(report.slots()))
                && report.known().stream().filter(entry -> !entry.inHandshake()).allMatch(entry -> ids.contains(entry.id()));
    }

    /** Why these nodes cannot be made a cluster without losing what they are part of; empty if they can. */
    public Optional<String> objection() throws IOException {
        List<NodeReport> reports = reports();
        Set<String> ids = reports.stream().map(NodeReport::id).collect(Collectors.toSet());
        if (ids.size() < nodes.size()) {
            return Optional.of("two of the addresses lead to the same node");
        }
        for (NodeReport report : reports) {
            if (!isPartOf(ids, report)) {
                return Optional.of("node " + report.address() + (report.known().size() > 1
                        ? " knows other nodes already" : " owns slots already"));
            }
            if (report.slots().isEmpty() && report.keys() > 0) {
                return Optional.of("node " + report.address() + " has " + report.keys() + " keys");
            }
        }
        return Optional.empty();
    }

    /** Whether these nodes, and no others, are a cluster already that owns all slots. */
    public boolean isFormed() throws IOException {
        Survey survey = new Survey(reports());
        Set<String> ids = survey.reports().stream().map(NodeReport::id).collect(Collectors.toSet());
        return survey.coveredSlots() == Slot.COUNT && survey.reports().stream().allMatch(report ->
                report.known().stream().map(NodeEntry::id).collect(Collectors.toSet()).equals(ids));
    }

    private SlotSet planned(Address node) {
        SlotRange range = placement.slots().get(node);
        return range == null ? new SlotSet() : SlotSet.of(List.of(range));
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
     * Gives every primary its share. Each node also starts with a config epoch of its own, so that no two of them have to
     * settle by collision which of them goes first.
     */
    private void dealOutSlots(List<NodeReport> reports) throws IOException {
        for (int i = 0; i < nodes.size(); i++) {
            SlotRange share = placement.slots().get(nodes.get(i));
            try (Connection connection = Connection.open(nodes.get(i), access)) {
                if (share != null && reports.get(i).slots().isEmpty()) {
                    connection.call("CLUSTER", "ADDSLOTSRANGE", share.first(), share.last());
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

    /** Every pair that is missing meets at once; gossip alone would take a second for each step. */
    private void introduce(List<NodeReport> reports) throws IOException {
        for (int i = 0; i < nodes.size(); i++) {
            Set<String> known = reports.get(i).known().stream().map(NodeEntry::id).collect(Collectors.toSet());
            try (Connection connection = Connection.open(nodes.get(i), access)) {
                for (int j = i + 1; j < nodes.size(); j++) {
                    if (!known.contains(reports.get(j).self().id())) {
                        connection.call(meet(nodes.get(j), reports.get(j).self().busPort()));
                    }
                }
            }
        }
    }

    /** The request that introduces a node; it takes an IP address, and the bus port where that is an unusual one. */
    static Object[] meet(Address node, int busPort) throws IOException {
        String ip = InetAddress.getByName(node.host()).getHostAddress();
        return busPort == 0 || busPort == node.port() + BUS_DISTANCE
                ? new Object[] {"CLUSTER", "MEET", ip, node.port()}
                : new Object[] {"CLUSTER", "MEET", ip, node.port(), busPort};
    }

    /** Lets every node without slots follow a primary, once they know each other. */
    private boolean appointReplicas(Deadline deadline) throws IOException {
        progress.accept("waiting until all nodes know each other");
        if (!deadline.await(() -> knowEachOther(Survey.of(nodes, access)))) {
            return false;
        }
        progress.accept("appointing the replicas");
        List<NodeReport> reports = reports();
        Map<String, Integer> replicas = new LinkedHashMap<>();
        reports.stream().filter(report -> !report.slots().isEmpty()).forEach(report -> replicas.put(report.id(), 0));
        reports.forEach(report -> replicas.computeIfPresent(report.self().primaryId(), (_, count) -> count + 1));
        for (NodeReport report : reports) {
            if (report.slots().isEmpty() && report.isPrimary() && !replicas.isEmpty()) {
                String primary = primaryFor(report, reports, replicas);
                try (Connection connection = Connection.open(report.address(), access)) {
                    connection.call("CLUSTER", "REPLICATE", primary);
                }
                replicas.merge(primary, 1, Integer::sum);
            }
        }
        return true;
    }

    /** The one it was placed with if that owns slots, else the one with the fewest replicas. */
    private String primaryFor(NodeReport replica, List<NodeReport> reports, Map<String, Integer> replicas) {
        Address wanted = placement.primaries().get(replica.address());
        return reports.stream().filter(report -> report.address().equals(wanted) && !report.slots().isEmpty())
                .map(NodeReport::id).findFirst()
                .orElseGet(() -> Collections.min(replicas.entrySet(), Map.Entry.comparingByValue()).getKey());
    }

    /** Whether every node knows all others well enough to follow one of them. */
    private boolean knowEachOther(Survey survey) {
        return survey.reports().stream().allMatch(report -> report.known().stream()
                .filter(entry -> !entry.inHandshake()).count() >= nodes.size());
    }

    /** Waits until all nodes agree, call the cluster ok, and have their primary's data. */
    public boolean awaitOk(Deadline deadline) throws IOException {
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
