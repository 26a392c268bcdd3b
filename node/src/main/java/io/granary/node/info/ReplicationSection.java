package io.granary.node.info;

import io.granary.node.config.LongSetting;
import io.granary.node.info.InfoWriter.Part;
import io.granary.node.replication.ReplicaReport;
import io.granary.node.replication.Replication;
import io.granary.node.replication.ReplicationIds;
import io.granary.node.replication.ReplicationLog;
import io.granary.node.replication.replicas.PlannedFailover;
import io.granary.node.replication.replicas.ReplicaLink;
import io.granary.node.replication.replicas.Replicas;

/** {@code # Replication}: whom this node follows, who follows it, and the history that they share. */
public final class ReplicationSection implements InfoSection {

    private final Replication replication;
    private final Replicas replicas;
    private final PlannedFailover failover;
    private final ReplicaReport ofReplica;
    private final LongSetting backlogBytes;

    public ReplicationSection(
            Replication replication, Replicas replicas, PlannedFailover failover, LongSetting backlogBytes) {
        this.replication = replication;
        this.replicas = replicas;
        this.failover = failover;
        this.backlogBytes = backlogBytes;
        ofReplica = new ReplicaReport(replication);
    }

    @Override
    public String heading() {
        return "Replication";
    }

    @Override
    public void write(InfoWriter out) {
        out.field("role", replication.isReplica() ? "slave" : "master");
        ofReplica.write(out);
        out.field("connected_slaves", replicas.links().size());
        if (replicas.goodMatters()) {
            out.field("min_slaves_good_slaves", replicas.good());
        }
        replicas(out);
        history(out);
    }

    private void replicas(InfoWriter out) {
        int index = 0;
        for (ReplicaLink link : replicas.links()) {
            out.parts("slave" + index++, Part.of("ip", link.address()), Part.of("port", link.port()),
                    Part.of("state", link.phase().text()), Part.of("offset", link.ackedOffset()),
                    Part.of("lag", link.lagSeconds()));
        }
    }

    private void history(InfoWriter out) {
        ReplicationLog history = replication.history();
        ReplicationIds ids = history.ids();
        long first = history.firstOffset();
        boolean kept = history.hasHistory();
        out.field("master_failover_state", failover.stage().text())
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
