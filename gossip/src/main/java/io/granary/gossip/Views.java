package io.granary.gossip;

import java.util.ArrayList;
import java.util.Arrays;
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
    private final KnownGrants known;
    private final Arrivals arrivals;

    /** The places of the owners for the views from that change of owners on. */
    private short[] places;

    private long placesOf = -1;

    Views(ClusterState state, Links links, Messages messages, HandOver handOver, KnownGrants known, Arrivals arrivals) {
        this.state = state;
        this.links = links;
        this.messages = messages;
        this.handOver = handOver;
        this.known = known;
        this.arrivals = arrivals;
    }

    ClusterView view() {
        NodeView[] row = new NodeView[state.nodes().size()];
        for (int i = 0; i < row.length; i++) {
            Node node = state.nodes().get(i);
            node.view = view(node);
            row[i] = node.view;
        }
        Map<Integer, NodeView> migrating = new HashMap<>();
        state.migrating.forEach((slot, target) -> migrating.put(slot, target.view));
        Map<Integer, NodeView> importing = new HashMap<>();
        state.importing.forEach((slot, source) -> importing.put(slot, source.view));
        return new ClusterView(
                state.myself.view,
                List.of(row),
                new ClusterView.Owners(places(), row),
                state.myself.slots(),
                migrating,
                importing,
                state.ok,
                state.currentEpoch,
                state.size(),
                linkViews(),
                messages.counts(),
                handOver.view());
    }

    private short[] places() {
        if (placesOf == state.ownerChanges()) {
            return places;
        }
        placesOf = state.ownerChanges();
        places = new short[ClusterView.SLOTS];
        Arrays.fill(places, ClusterView.Owners.NOBODY);
        for (int i = 0; i < state.nodes().size(); i++) {
            short place = (short) i;
            state.nodes().get(i).slots().forEachRange((first, end) -> Arrays.fill(places, first, end, place));
        }
        return places;
    }

    private List<LinkView> linkViews() {
        List<LinkView> views = new ArrayList<>(2 * state.nodes().size());
        for (Node node : state.nodes()) {
            if (node.link != null) {
                views.add(view(node.link));
            }
            if (node.inbound != null) {
                views.add(view(node.inbound));
            }
        }
        return views;
    }

    private static LinkView view(Link link) {
        if (link.view == null || !link.view.node().equals(link.node.id)) {
            link.view = new LinkView(link.number, link.node.id, link.inbound, link.createdMs);
        }
        return link.view;
    }

    /** The view of before, if it has not changed since. */
    private NodeView view(Node node) {
        NodeView before = node.view;
        NodeId primary = node.primary == null ? null : node.primary.id;
        long configEpoch = node.primary == null ? node.configEpoch : node.primary.configEpoch;
        boolean linked = node == state.myself || node.link != null && node.link.up;
        boolean same = before != null
                && before.pongReceivedMs() == node.pongReceivedMs
                && before.pingSentMs() == node.pingSentMs
                && before.offset() == node.offset
                && before.configEpoch() == configEpoch
                && before.linked() == linked
                && before.primary() == primary
                && before.id() == node.id
                && before.port() == node.port
                && before.tlsPort() == node.tlsPort
                && before.busPort() == node.busPort
                && before.flags().equals(node.flags)
                && before.ip().equals(node.ip)
                && before.shard().equals(node.shard())
                && before.hostname().equals(node.hostname)
                && before.humanName().equals(node.humanName);
        return same ? before : new NodeView(
                node.id,
                node.ip,
                node.port,
                node.tlsPort,
                node.busPort,
                node.hostname,
                node.humanName,
                node.shard(),
                before != null && before.flags().equals(node.flags) ? before.flags() : Set.copyOf(node.flags),
                primary,
                node.pingSentMs,
                node.pongReceivedMs,
                configEpoch,
                linked,
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
        state.contested().forEach(node -> contested.put(node.id, node.contestedEpoch));
        return new NodesFile(
                entries, migrating, importing, state.currentEpoch, state.lastVoteEpoch, contested, handOver.stored(),
                state.abandoned(), known.stored(), arrivals.stored());
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
