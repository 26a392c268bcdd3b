package io.granary.tools.cluster;

import io.granary.tools.client.Access;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes a node that owns no slots out of its cluster; its replicas get other primaries first. No key moves or is lost. */
public final class Leaving {

    private final Survey survey;
    private final NodeReport leaver;
    private final Links links;

    public Leaving(Survey survey, NodeReport leaver, Links links) {
        this.survey = survey;
        this.leaver = leaver;
        this.links = links;
    }

    /** Why the node must stay; empty if it may go. */
    public Optional<String> objection() {
        boolean claimed = survey.answering().stream().flatMap(witness -> witness.known().stream())
                .anyMatch(entry -> entry.id().equals(leaver.id()) && !entry.slots().isEmpty());
        if (claimed || !leaver.slots().isEmpty()) {
            return Optional.of(leaver.address() + " owns " + leaver.slots().size()
                    + " slots; granary reshard moves them to other nodes, granary failover hands them to a replica");
        }
        if (leaver.reachable() && leaver.isPrimary() && leaver.keys() > 0) {
            return Optional.of(leaver.address() + " owns no slots, but has " + leaver.keys()
                    + " keys; granary check --search-multiple-owners says of which, granary fix takes them to their owners");
        }
        if (survey.answering().stream().allMatch(node -> node.id().equals(leaver.id()))) {
            return Optional.of(leaver.address() + " is the only node that answers; name another one of the cluster");
        }
        return Optional.empty();
    }

    /** Lets the node's replicas follow other primaries. Returns who follows whom; empty if one has not done so in time. */
    public Optional<Map<NodeReport, NodeReport>> moveReplicas(Deadline deadline) throws IOException {
        Map<NodeReport, NodeReport> moved = new LinkedHashMap<>();
        for (NodeReport replica : survey.replicasOf(leaver)) {
            NodeReport primary = Joining.primaryInNeed(survey, replica)
                    .orElseThrow(() -> new ClusterUnhealthy("no primary of the cluster owns slots"));
            if (!Joining.follow(replica, primary, links, deadline)) {
                return Optional.empty();
            }
            moved.put(replica, primary);
        }
        return Optional.of(moved);
    }

    /** All others forget the node; false if one still knows it in the end. */
    public boolean forget(Deadline deadline) throws IOException {
        List<NodeReport> others = survey.answering().stream().filter(node -> !node.id().equals(leaver.id())).toList();
        for (NodeReport other : others) {
            deadline.await(() -> forgets(other));
        }
        Access access = links.access();
        return deadline.await(() -> Survey.of(others.stream().map(NodeReport::address).toList(), access).reports().stream()
                .noneMatch(other -> other.known().stream().anyMatch(entry -> entry.id().equals(leaver.id()))));
    }

    /** A node that has just got another primary may not have noticed yet, or loads its data: then it refuses. */
    private boolean forgets(NodeReport other) throws IOException {
        try {
            links.call(other, "CLUSTER", "FORGET", leaver.id());
            return true;
        } catch (ErrorReply refused) {
            if (refused.getMessage().startsWith("ERR Unknown node")) {
                return true;
            }
            if (refused.getMessage().startsWith("ERR Can't forget my master")
                    || refused.getMessage().startsWith("LOADING ")) {
                return false;
            }
            throw new IOException("node " + other.address() + ": " + refused.getMessage(), refused);
        }
    }

    /** The node is alone afterwards, without data; false if it does not answer. */
    public boolean reset() throws IOException {
        if (!leaver.reachable()) {
            return false;
        }
        links.require(leaver, "CLUSTER", "RESET", "SOFT");
        return true;
    }
}
