package io.granary.node.info;

import io.granary.node.config.BooleanSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.replication.LinkPhase;
import io.granary.node.replication.Replication;
import io.granary.node.replication.ReplicationIds;
import io.granary.node.replication.ReplicationLog;
import io.granary.node.replication.ReplicationState;
import io.granary.node.replication.replicas.ReplicaLink;
import io.granary.node.replication.replicas.Replicas;

/** {@code # Replication}: whom this node follows, who follows it, and the history that they share. */
public final class ReplicationSection implements InfoSection {

    private final Replication replication;
    private final Replicas replicas;
    private final ReplicationLog history;
    private final LongSetting backlogBytes;
    private final LongSetting priority;
    private final BooleanSetting readOnly;
    private final BooleanSetting announced;

    public ReplicationSection(
            Replication replication, Replicas replicas, ReplicationLog history, Configuration configuration) {
        this.replication = replication;
        this.replicas = replicas;
        this.history = history;
        backlogBytes = configuration.number("repl-backlog-size");
        priority = configuration.number("replica-priority");
        readOnly = configuration.flag("replica-read-only");
        announced = configuration.flag("replica-announced");
    }

    @Override
    public String heading() {
        return "Replication";
    }

    @Override
    public void write(InfoWriter out) {
        ReplicationState state = replication.state();
        out.field("role", state.isReplica() ? "slave" : "master");
        if (state.isReplica()) {
            primary(out, state);
        }
        out.field("connected_slaves", replicas.links().size());
        if (replicas.goodMatters()) {
            out.field("min_slaves_good_slaves", replicas.good());
        }
        replicas(out);
        history(out);
    }

    private void primary(InfoWriter out, ReplicationState state) {
        long offset = replication.offset();
        out.field("master_host", state.host())
                .field("master_port", state.port())
                .field("master_link_status", state.connected() ? "up" : "down")
                .field("master_last_io_seconds_ago", state.connected() ? replication.linkDownMs() / 1000 : -1)
                .field("master_sync_in_progress", state.phase() == LinkPhase.SYNC)
                .field("slave_read_repl_offset", offset)
                .field("slave_repl_offset", offset);
        if (!state.connected()) {
            long downMs = replication.linkDownMs();
            out.field("master_link_down_since_seconds", downMs == Long.MAX_VALUE ? -1 : downMs / 1000);
        }
        out.field("slave_priority", priority.value())
                .field("slave_read_only", readOnly.value())
                .field("replica_announced", announced.value());
    }

    private void replicas(InfoWriter out) {
        int index = 0;
        for (ReplicaLink link : replicas.links()) {
            out.field("slave" + index++, "ip=" + link.address() + ",port=" + link.port() + ",state=" + link.phase().text()
                    + ",offset=" + link.ackedOffset() + ",lag=" + link.lagSeconds());
        }
    }

    private void history(InfoWriter out) {
        ReplicationIds ids = history.ids();
        long first = history.firstOffset();
        boolean kept = history.hasHistory();
        out.field("master_failover_state", "no-failover")
                .field("master_replid", ids.id())
                .field("master_replid2", ids.previousId())
                .field("master_repl_offset", history.offset())
                .field("second_repl_offset", ids.previousEnd())
                .field("repl_backlog_active", kept)
                .field("repl_backlog_size", backlogBytes.value())
                .field("repl_backlog_first_byte_offset", first)
                .field("repl_backlog_histlen", kept ? history.offset() - first + 1 : 0);
    }
}
