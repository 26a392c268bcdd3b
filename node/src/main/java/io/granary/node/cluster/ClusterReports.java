package io.granary.node.cluster;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.gossip.ClusterInfoText;
import io.granary.gossip.ClusterNodesText;
import io.granary.gossip.ClusterView;
import io.granary.gossip.ClusterView.OwnedRange;
import io.granary.gossip.LinkView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.dispatch.PreferredEndpoint;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The CLUSTER subcommands that tell how the cluster looks: what clients find their way by. */
public final class ClusterReports {

    private final ClusterServices services;

    public ClusterReports(ClusterServices services) {
        this.services = services;
    }

    public List<Command<SlotCall>> table() {
        return Command.family(
                Group.CLUSTER,
                Command.of("CLUSTER INFO", "", services.inCluster(this::info))
                        .doc("3.0.0", "O(1)", "Returns information about the state of a node.")
                        .flags(STALE)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER LINKS", "", services.inCluster(this::links))
                        .doc("7.0.0", "O(N) where N is the total number of Cluster nodes",
                                "Returns a list of all TCP links to and from peer nodes.")
                        .flags(STALE)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER MYID", "", services.inCluster(this::myId))
                        .doc("3.0.0", "O(1)", "Returns the ID of a node.")
                        .flags(STALE),
                Command.of("CLUSTER MYSHARDID", "", services.inCluster(this::myShardId))
                        .doc("7.2.0", "O(1)", "Returns the shard ID of a node.")
                        .flags(STALE)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER NODES", "", services.inCluster(this::nodes))
                        .doc("3.0.0", "O(N) where N is the total number of Cluster nodes",
                                "Returns the cluster configuration for a node.")
                        .flags(STALE)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER REPLICAS", "node-id", services.inCluster(this::replicas))
                        .doc("5.0.0", "O(N) where N is the number of replicas.", "Lists the replica nodes of a master node.")
                        .flags(ADMIN, STALE)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER SHARDS", "", services.inCluster(this::shards))
                        .doc("7.0.0", "O(N) where N is the total number of cluster nodes",
                                "Returns the mapping of cluster slots to shards.")
                        .flags(LOADING, STALE)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER SLAVES", "node-id", services.inCluster(this::replicas))
                        .doc("3.0.0", "O(N) where N is the number of replicas.", "Lists the replica nodes of a master node.")
                        .flags(ADMIN, STALE)
                        .tips("nondeterministic_output")
                        .deprecated("5.0.0", "`CLUSTER REPLICAS`"),
                Command.of("CLUSTER SLOTS", "", services.inCluster(this::slots))
                        .doc("3.0.0", "O(N) where N is the total number of Cluster nodes",
                                "Returns the mapping of cluster slots to nodes.")
                        .flags(LOADING, STALE)
                        .tips("nondeterministic_output")
                        .history("4.0.0", "Added node IDs.")
                        .history("7.0.0", "Added additional networking metadata field.")
                        .deprecated("7.0.0", "`CLUSTER SHARDS`"));
    }

    private void info(SlotCall call) {
        String text = ClusterInfoText.render(services.view(), services.linkBuffers().limitExceeded());
        call.reply().verbatim("txt", text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void links(SlotCall call) {
        ReplyWriter reply = call.reply();
        Map<Long, Long> pending = services.linkBuffers().pendingBytes();
        List<LinkView> links = services.view().links();
        reply.array(links.size());
        for (LinkView link : links) {
            long waiting = pending.getOrDefault(link.link(), 0L);
            reply.map(6);
            reply.bulk("direction");
            reply.bulk(link.inbound() ? "from" : "to");
            reply.bulk("node");
            reply.bulk(link.node().hex());
            reply.bulk("create-time");
            reply.integer(link.createdMs());
            reply.bulk("events");
            reply.bulk(waiting > 0 ? "rw" : "r");
            reply.bulk("send-buffer-allocated");
            reply.integer(waiting);
            reply.bulk("send-buffer-used");
            reply.integer(waiting);
        }
    }

    private void myId(SlotCall call) {
        call.reply().bulk(services.view().myself().id().hex());
    }

    private void myShardId(SlotCall call) {
        call.reply().bulk(services.view().myself().shard());
    }

    private void nodes(SlotCall call) {
        boolean hostnames = services.endpoints().showsHostnames(services.caller(call));
        String text = ClusterNodesText.render(services.view(), false, hostnames);
        call.reply().verbatim("txt", text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void replicas(SlotCall call) {
        ClusterView view = services.view();
        String id = call.request().toText(2);
        NodeView primary = NodeId.isValid(id) ? view.node(new NodeId(id)) : null;
        if (primary == null) {
            throw Errors.err("Unknown node " + id);
        }
        if (!primary.isPrimary()) {
            throw Errors.err("The specified node is not a master");
        }
        List<NodeView> replicas = view.replicasOf(primary.id());
        call.reply().array(replicas.size());
        boolean hostnames = services.endpoints().showsHostnames(services.caller(call));
        for (NodeView replica : replicas) {
            call.reply().bulk(ClusterNodesText.line(view, replica, false, hostnames));
        }
    }

    private void slots(SlotCall call) {
        ClusterView view = services.view();
        PreferredEndpoint preferred = preferred(call);
        ReplyWriter reply = call.reply();
        Map<NodeId, List<NodeView>> replicas = availableReplicas(view);
        List<OwnedRange> ranges = view.ranges();
        reply.array(ranges.size());
        for (OwnedRange range : ranges) {
            List<NodeView> others = replicas.getOrDefault(range.owner().id(), List.of());
            reply.array(3 + others.size());
            reply.integer(range.first());
            reply.integer(range.last());
            endpoint(reply, range.owner(), preferred);
            others.forEach(replica -> endpoint(reply, replica, preferred));
        }
    }

    /**
     * Replicas that can serve reads: alive, and past their first synchronization. By id, so that all nodes answer alike:
     * each has learnt of the others in an order of its own.
     */
    private Map<NodeId, List<NodeView>> availableReplicas(ClusterView view) {
        Map<NodeId, List<NodeView>> replicas = new HashMap<>();
        for (NodeView node : view.nodes()) {
            if (node.primary() != null && !node.is(NodeFlag.FAIL) && offset(node) != 0) {
                replicas.computeIfAbsent(node.primary(), _ -> new ArrayList<>()).add(node);
            }
        }
        replicas.values().forEach(each -> each.sort(Comparator.comparing(NodeView::id)));
        return replicas;
    }

    private PreferredEndpoint preferred(SlotCall call) {
        return services.endpoints().of(services.caller(call));
    }

    private long offset(NodeView node) {
        return node.is(NodeFlag.MYSELF) ? services.replicationOffset() : node.offset();
    }

    /** A node in CLUSTER SLOTS: the preferred endpoint, the port, the id, and what else is known of its whereabouts. */
    private static void endpoint(ReplyWriter reply, NodeView node, PreferredEndpoint preferred) {
        reply.array(4);
        if (preferred == PreferredEndpoint.UNKNOWN_ENDPOINT) {
            reply.nullBulk();
        } else {
            reply.bulk(preferred.host(node));
        }
        reply.integer(PreferredEndpoint.port(node, false));
        reply.bulk(node.id().hex());
        boolean ip = preferred != PreferredEndpoint.IP;
        boolean hostname = preferred != PreferredEndpoint.HOSTNAME && !node.hostname().isEmpty();
        reply.map((ip ? 1 : 0) + (hostname ? 1 : 0));
        if (ip) {
            reply.bulk("ip");
            reply.bulk(node.ip());
        }
        if (hostname) {
            reply.bulk("hostname");
            reply.bulk(node.hostname());
        }
    }

    private void shards(SlotCall call) {
        ClusterView view = services.view();
        ReplyWriter reply = call.reply();
        List<Shard> shards = Shard.of(view);
        PreferredEndpoint preferred = preferred(call);
        reply.array(shards.size());
        for (Shard shard : shards) {
            reply.map(2);
            reply.bulk("slots");
            reply.array(2L * shard.ranges().size());
            for (OwnedRange range : shard.ranges()) {
                reply.integer(range.first());
                reply.integer(range.last());
            }
            reply.bulk("nodes");
            reply.array(shard.nodes().size());
            shard.nodes().forEach(node -> detail(reply, node, preferred));
        }
    }

    /** A node in CLUSTER SHARDS. */
    private void detail(ReplyWriter reply, NodeView node, PreferredEndpoint preferred) {
        long offset = offset(node);
        reply.map(6 + (node.port() != 0 ? 1 : 0) + (node.tlsPort() != 0 ? 1 : 0) + (node.hostname().isEmpty() ? 0 : 1));
        reply.bulk("id");
        reply.bulk(node.id().hex());
        if (node.port() != 0) {
            reply.bulk("port");
            reply.integer(node.port());
        }
        if (node.tlsPort() != 0) {
            reply.bulk("tls-port");
            reply.integer(node.tlsPort());
        }
        reply.bulk("ip");
        reply.bulk(node.ip());
        reply.bulk("endpoint");
        reply.bulk(preferred.host(node));
        if (!node.hostname().isEmpty()) {
            reply.bulk("hostname");
            reply.bulk(node.hostname());
        }
        reply.bulk("role");
        reply.bulk(node.isPrimary() ? "master" : "replica");
        reply.bulk("replication-offset");
        reply.integer(offset);
        reply.bulk("health");
        reply.bulk(node.is(NodeFlag.FAIL) ? "fail" : !node.isPrimary() && offset == 0 ? "loading" : "online");
    }
}
