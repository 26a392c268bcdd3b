package io.granary.node.replication.replicas;

import io.granary.node.Clock;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.replication.ReplicationLog;
import io.granary.slots.keyspace.Keyspace;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** When the history of a primary begins, and when it is given up: {@code repl-backlog-ttl}. */
final class Backlog {

    private final ReplicationLog history;
    private final ReplicaLinks links;
    private final ReplicaSettings settings;
    private final Keyspace keyspace;
    private final NodeCondition condition;
    private final Supplier<String> ids;
    private final Clock clock;
    private final NodeLog log;

    /** @param ids random names for histories, 40 hexadecimal digits each */
    Backlog(
            ReplicationLog history, ReplicaLinks links, ReplicaSettings settings, Keyspace keyspace,
            NodeCondition condition, Supplier<String> ids, Clock clock, NodeLog log) {
        this.history = history;
        this.links = links;
        this.settings = settings;
        this.keyspace = keyspace;
        this.condition = condition;
        this.ids = ids;
        this.clock = clock;
        this.log = log;
    }

    /** Lets history begin or go on at the cut of a full sync, and name its database again. All slots are locked. */
    void prepare() {
        if (condition.replica()) {
            if (!history.hasHistory()) {
                throw new IllegalStateException("the data of this replica are not its primary's yet");
            }
            return;
        }
        boolean begins = !history.hasHistory();
        history.activate(begins ? ids.get() : "");
        if (begins) {
            log.notice("Replication backlog created, my new replication IDs are '" + history.ids().id() + "' and '"
                    + history.ids().previousId() + "'");
        }
    }

    /** Gives the history up when nobody has followed for long: its memory, and what each write costs. */
    void giveUpUnused() {
        boolean old = settings.backlogNanos() > 0 && clock.nanos() - links.nobodySinceNanos() > settings.backlogNanos();
        if (!old || !links.isEmpty() || !history.active()) {
            return;
        }
        keyspace.lockAll();
        try {
            if (links.isEmpty() && !condition.replica()) {
                history.giveUp(ids.get());
                log.notice("Replication backlog freed after " + TimeUnit.NANOSECONDS.toSeconds(settings.backlogNanos())
                        + " seconds without connected replicas.");
            }
        } finally {
            keyspace.unlockAll();
        }
    }
}
