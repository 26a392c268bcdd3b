package io.granary.gossip;

import java.util.TreeMap;

/** The text of CLUSTER NODES: a line for each node, in the form that clients have parsed for a decade. */
public final class ClusterNodesText {

    private ClusterNodesText() {}

    /**
     * All lines, each with its line end.
     *
     * @param tls whether the asking client's connection is encrypted: then the TLS ports are shown
     * @param hostnames whether announced host names are shown behind the addresses
     */
    public static String render(ClusterView view, boolean tls, boolean hostnames) {
        StringBuilder text = new StringBuilder();
        StringBuilder[] slots = slots(view);
        for (int i = 0; i < view.nodes().size(); i++) {
            line(text, view, view.nodes().get(i), slots[i], tls, hostnames);
            text.append('\n');
        }
        return text.toString();
    }

    /** The line of one node without its line end, as CLUSTER REPLICAS lists it. */
    public static String line(ClusterView view, NodeView node, boolean tls, boolean hostnames) {
        StringBuilder text = new StringBuilder();
        SlotBitmap slots = view.slotsOf(node);
        line(text, view, node, new StringBuilder(slots.isEmpty() ? "" : " " + slots), tls, hostnames);
        return text.toString();
    }

    /** The slots of each node, all found in one pass over the table. */
    private static StringBuilder[] slots(ClusterView view) {
        StringBuilder[] slots = new StringBuilder[view.nodes().size()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new StringBuilder();
        }
        for (ClusterView.OwnedRange range : view.ranges()) {
            StringBuilder of = slots[view.nodes().indexOf(range.owner())];
            of.append(' ').append(range.first());
            if (range.last() > range.first()) {
                of.append('-').append(range.last());
            }
        }
        return slots;
    }

    private static void line(
            StringBuilder text, ClusterView view, NodeView node, StringBuilder slots, boolean tls, boolean hostnames) {
        text.append(node.id()).append(' ').append(node.ip()).append(':');
        text.append(tls ? node.tlsPort() : node.port()).append('@').append(node.busPort());
        if (hostnames && !node.hostname().isEmpty()) {
            text.append(',').append(node.hostname());
        }
        text.append(' ').append(NodeFlag.words(node.flags()));
        text.append(' ').append(node.primary() == null ? "-" : node.primary().hex());
        text.append(' ').append(node.pingSentMs()).append(' ').append(node.pongReceivedMs());
        text.append(' ').append(node.configEpoch()).append(node.linked() ? " connected" : " disconnected");
        text.append(slots);
        // A replica knows the open slots of its primary, but tools would take them for its own.
        if (node == view.myself() && node.isPrimary()) {
            // Sorted by slot; of a slot that is both, Redis shows the migration only.
            TreeMap<Integer, String> open = new TreeMap<>();
            view.importing().forEach((slot, source) -> open.put(slot, "-<-" + source.id()));
            view.migrating().forEach((slot, target) -> open.put(slot, "->-" + target.id()));
            open.forEach((slot, other) -> text.append(" [").append(slot).append(other).append(']'));
        }
    }
}
