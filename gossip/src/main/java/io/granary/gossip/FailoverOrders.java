package io.granary.gossip;

/** What operators order about replicas: whom to follow, and when to take over. */
final class FailoverOrders {

    private final ClusterState state;
    private final OwnRole role;
    private final ManualFailover manual;
    private final Epochs epochs;

    FailoverOrders(ClusterState state, OwnRole role, ManualFailover manual, Epochs epochs) {
        this.state = state;
        this.role = role;
        this.manual = manual;
        this.epochs = epochs;
    }

    /** CLUSTER REPLICATE; why not, or null. */
    String replicate(OperatorRequest.Replicate order) {
        Node node = state.node(order.id());
        if (node == null) {
            return "Unknown node " + order.id();
        }
        if (node == state.myself) {
            return "Can't replicate myself";
        }
        if (node.isReplica()) {
            return "I can only replicate a master, not a replica.";
        }
        if (state.myself.isPrimary() && (state.myself.slotCount() > 0 || order.keysHeld())) {
            return "To set a master the node must be empty and without assigned slots.";
        }
        role.follow(node);
        return null;
    }

    /** CLUSTER FAILOVER; why not, or null. */
    String failover(OperatorRequest.FailoverKind kind) {
        Node primary = state.myself.primary;
        if (state.myself.isPrimary()) {
            return "You should send CLUSTER FAILOVER to a replica";
        }
        if (primary == null) {
            return "I'm a replica but my master is unknown to me";
        }
        boolean reachable = !primary.is(NodeFlag.FAIL) && primary.link != null && primary.link.up;
        switch (kind) {
            case AGREED -> {
                if (!reachable) {
                    return "Master is down or failed, please use CLUSTER FAILOVER FORCE";
                }
                manual.begin();
            }
            case FORCE -> {
                if (!state.replication.synced()) {
                    return "This replica was never in step with its master and has none of its data. "
                            + "Use CLUSTER FAILOVER TAKEOVER to let it take over all the same";
                }
                manual.force();
            }
            case TAKEOVER -> {
                state.notice("Taking over the master (user request).");
                epochs.bump();
                role.succeed(primary.slots());
            }
        }
        return null;
    }

    /** The last slot of this primary was given to another one. */
    void lastSlotWent(Node newOwner) {
        role.followSuccessor(newOwner);
    }

    /** A reset makes a primary of a replica, of a shard of its own, and takes its data; says whether it was a replica. */
    boolean reset() {
        manual.reset();
        boolean replica = state.myself.isReplica();
        if (replica) {
            role.lead();
            state.myself.shard(NodeId.randomHex(state.random));
        }
        return replica;
    }
}
