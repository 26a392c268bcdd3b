package io.granary.node.dispatch;

import io.granary.gossip.NodeView;

/** Where a request is to be run, or why it is run nowhere. */
public sealed interface Route {

    /** On this node, in the slot. */
    record Here(int slot) implements Route {}

    /** On the slot's owner, from now on. */
    record Moved(int slot, NodeView owner) implements Route {}

    /** On the node that the slot is migrating to, this once. */
    record Ask(int slot, NodeView target) implements Route {}

    /** Nowhere: the keys lie in more than one slot. */
    record CrossSlot() implements Route {}

    /** Nowhere yet: some of the keys are on this side of a migration, some on the other. */
    record TryAgain() implements Route {}

    /** Nowhere: the slot, or the cluster, is not served. */
    record Down(String text) implements Route {
        static final Down UNBOUND = new Down("CLUSTERDOWN Hash slot not served");
        static final Down CLUSTER = new Down("CLUSTERDOWN The cluster is down");
        static final Down READ_ONLY = new Down("CLUSTERDOWN The cluster is down and only accepts read commands");
    }

    /**
     * The error that sends a client elsewhere, as clients parse it.
     *
     * @param tls whether the client is connected by TLS, and so wants the port for it
     */
    default String error(PreferredEndpoint endpoint, boolean tls) {
        return switch (this) {
            case Here here -> throw new IllegalStateException("slot " + here.slot() + " is served here");
            case Moved(int slot, NodeView owner) -> "MOVED " + slot + " " + address(owner, endpoint, tls);
            case Ask(int slot, NodeView target) -> "ASK " + slot + " " + address(target, endpoint, tls);
            case CrossSlot _ -> "CROSSSLOT Keys in request don't hash to the same slot";
            case TryAgain _ -> "TRYAGAIN Multiple keys request during rehashing of slot";
            case Down(String text) -> text;
        };
    }

    private static String address(NodeView node, PreferredEndpoint endpoint, boolean tls) {
        return endpoint.host(node) + ":" + PreferredEndpoint.port(node, tls);
    }
}
