package io.granary.node.replication.replicas;

import io.granary.node.dispatch.NodeCondition;
import java.util.function.Supplier;

/** How many replicas are near, and whether that is too few for writes to be taken: {@code min-replicas-to-write}. */
final class GoodReplicas {

    private final Supplier<? extends ReplicaProgress[]> replicas;
    private final ReplicaSettings settings;
    private final NodeCondition condition;
    private volatile int count;

    GoodReplicas(Supplier<? extends ReplicaProgress[]> replicas, ReplicaSettings settings, NodeCondition condition) {
        this.replicas = replicas;
        this.settings = settings;
        this.condition = condition;
        settings.onGoodChange(this::recount);
        recount();
    }

    /** Counts them, and lets writes go or refuses them. */
    void recount() {
        int near = 0;
        for (ReplicaProgress each : replicas.get()) {
            if (each.isOnline() && each.lagSeconds() <= settings.goodLagSeconds()) {
                near++;
            }
        }
        count = near;
        condition.lacksReplicas(near < settings.goodWanted());
    }

    int count() {
        return count;
    }

    boolean matter() {
        return settings.goodWanted() > 0;
    }
}
