package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.ClusterView.OwnedRange;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.dispatch.PreferredEndpoint;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * The cluster as lines of text, one a node: the format of CLUSTER NODES. Clients split on single spaces and take all that
 * follows a comma for the hostname, so nothing may be added to it.
 */
final class NodeLines {

    private final ClusterView view;
    private final Map<NodeId, StringBuilder> slots = new HashMap<>();

    NodeLines(ClusterView view) {
        this.view = view;
        for (OwnedRange range : view.ranges()) {
            StringBuilder text = slots.computeIfAbsent(range.owner().id(), _ -> new StringBuilder());
            text.append(' ').append(range.first());
            if (range.last() > range.first()) {
                text.append('-').append(range.last());
            }
        }
    }

    /** All nodes, each line with its end. */
    String all() {
        StringBuilder text = new StringBuilder();
        for (NodeView node : view.nodes()) {
            append(text, node);
            text.append('\n');
        }
        return text.toString();
    }

    /** One node, without the line's end. */
    String of(NodeView node) {
        StringBuilder text = new StringBuilder();
        append(text, node);
        return text.toString();
    }

    private void append(StringBuilder text, NodeView node) {
        text.append(node.id()).append(' ').append(node.ip()).append(':').append(PreferredEndpoint.port(node, false));
        text.append('@').append(node.busPort());
        if (!node.hostname().isEmpty()) {
            text.append(',').append(node.hostname());
        }
        text.append(' ').append(NodeFlag.words(node.flags()));
        text.append(' ').append(node.primary() == null ? "-" : node.primary());
        text.append(' ').append(node.pingSentMs());
        text.append(' ').append(node.pongReceivedMs());
        text.append(' ').append(Long.toUnsignedString(node.configEpoch()));
        text.append(node.linked() || node.is(NodeFlag.MYSELF) ? " connected" : " disconnected");
        text.append(slots.getOrDefault(node.id(), new StringBuilder()));
        if (node.is(NodeFlag.MYSELF)) {
            appendMigrations(text);
        }
    }

    private void appendMigrations(StringBuilder text) {
        TreeSet<Integer> moving = new TreeSet<>(view.migrating().keySet());
        moving.addAll(view.importing().keySet());
        for (int slot : moving) {
            NodeView target = view.migratingTo(slot);
            if (target != null) {
                text.append(" [").append(slot).append("->-").append(target.id()).append(']');
            } else {
                text.append(" [").append(slot).append("-<-").append(view.importingFrom(slot).id()).append(']');
            }
        }
    }
}
