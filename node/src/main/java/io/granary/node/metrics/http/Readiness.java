package io.granary.node.metrics.http;

import io.granary.gossip.ClusterView;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.process.Shutdown;
import io.granary.node.replication.LinkPhase;
import io.granary.node.replication.Replication;
import io.granary.node.replication.ReplicationState;
import java.util.function.Supplier;

/** Whether a node can be used: it has its data, its cluster serves, and what it copies is what its primary has. */
public final class Readiness {

    private final NodeCondition condition;
    private final Replication replication;
    private final Supplier<ClusterView> view;
    private final Shutdown shutdown;

    /** @param view null where there is no cluster */
    public Readiness(NodeCondition condition, Replication replication, Supplier<ClusterView> view, Shutdown shutdown) {
        this.condition = condition;
        this.replication = replication;
        this.view = view;
        this.shutdown = shutdown;
    }

    /** What stands against it, empty if nothing. */
    String reason() {
        if (condition.halted()) {
            return "stopped after an internal fault";
        }
        if (shutdown.isRequested()) {
            return "shutting down";
        }
        if (condition.loading()) {
            return "loading the dataset";
        }
        ReplicationState state = replication.state();
        if (state.isReplica() && !state.connected()) {
            return state.phase() == LinkPhase.SYNC
                    ? "a full sync with the primary is under way" : "the link to the primary is down";
        }
        ClusterView cluster = view.get();
        return cluster != null && !cluster.ok() ? "the cluster is down: CLUSTER INFO and CLUSTER NODES say why" : "";
    }
}
