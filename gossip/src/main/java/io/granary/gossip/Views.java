package io.granary.gossip;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes what the outside sees of the machine: the immutable view for readers, and the nodes file for the disk. */
final class Views {

    private final ClusterState state;
    private final Links links;
    private final Messages messages;
    private final HandOver handOver;

    Views(ClusterState state, Links links, Messages messages, HandOver handOver) {
        this.state = state;
        this.links = links;
        this.messages = messages;
        this.handOver = handOver;
    }

    ClusterView view() {
        List<NodeView> nodes = new ArrayList<>(state.nodes().size());
        for (Node node : state.nodes()) {
            node.view = view(node);
            nodes.add(node.view);
        }
        NodeView[] owners = new NodeView[ClusterView.SLOTS];
        for (int slot = 0; slot < owners.length; slot++) {
            Node owner = state.owner(slot);
            owners[slot] = owner == null ? null : owner.view;
        }
        Map<Integer, NodeView> migrating = new HashMap<>();
        state.migrating.forEach((slot, target) -> migrating.put(slot, target.view));
        Map<Integer, NodeView> importing = new HashMap<>();
        state.importing.forEach((slot, source) -> importing.put(slot, source.view));
        return new ClusterView(
                state.myself.view,
                nodes,
                owners,
                migrating,
                importing,
                state.ok,
                state.currentEpoch,
                state.size(),
                linkViews(),
                messages.counts(),
                handOver.view());
    }

    private List<LinkView> linkViews() {
        List<LinkView> views = new ArrayList<>();
        for (Node node : state.nodes()) {
            if (node.link != null) {
                views.add(new LinkView(node.link.number, node.id, false, node.link.createdMs));
            }
            if (node.inbound != null) {
                views.add(new LinkView(node.inbound.number, node.id, true, node.inbound.createdMs));
            }
        }
        return views;
    }

    private NodeView view(Node node) {
        return new NodeView(
                node.id,
                node.ip,
                node.port,
                node.tlsPort,
                node.busPort,
                node.hostname,
                node.humanName,
                node.shard(),
                Set.copyOf(node.flags),
                node.primary == null ? null : node.primary.id,
                node.pingSentMs,
                node.pongReceivedMs,
                node.primary == null ? node.configEpoch : node.primary.configEpoch,
                node == state.myself || node.link != null && node.link.up,
                node.offset);
    }

    NodesFile nodesFile() {
        List<NodesFile.Entry> entries = new ArrayList<>();
        for (Node node : state.nodes()) {
            if (!node.is(NodeFlag.HANDSHAKE)) {
                entries.add(entry(node));
            }
        }
        Map<Integer, NodeId> migrating = new HashMap<>();
        state.migrating.forEach((slot, target) -> migrating.put(slot, target.id));
        Map<Integer, NodeId> importing = new HashMap<>();
        state.importing.forEach((slot, source) -> importing.put(slot, source.id));
        Map<NodeId, Long> contested = new HashMap<>();
        for (Node node : state.nodes()) {
            if (node.contestedEpoch > 0) {
                contested.put(node.id, node.contestedEpoch);
            }
        }
        return new NodesFile(
                entries, migrating, importing, state.currentEpoch, state.lastVoteEpoch, contested, handOver.stored());
    }

    private NodesFile.Entry entry(Node node) {
        return new NodesFile.Entry(
                node.id,
                node.ip,
                node.port,
                node.tlsPort,
                node.busPort,
                node.hostname,
                node.humanName,
                node.shard(),
                Set.copyOf(node.flags),
                node.primary == null ? null : node.primary.id,
                node.pingSentMs,
                node.pongReceivedMs,
                node.configEpoch,
                node == state.myself || node.link != null && node.link.up,
                node.slots());
    }
}
