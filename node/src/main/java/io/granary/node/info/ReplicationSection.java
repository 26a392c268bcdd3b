package io.granary.node.info;

import io.granary.node.config.LongSetting;

/** {@code # Replication}: a primary without replicas. */
public final class ReplicationSection implements InfoSection {

    private static final String NO_ID = "0".repeat(40);

    private final NodeFacts facts;
    private final LongSetting backlogBytes;

    public ReplicationSection(NodeFacts facts, LongSetting backlogBytes) {
        this.facts = facts;
        this.backlogBytes = backlogBytes;
    }

    @Override
    public String heading() {
        return "Replication";
    }

    @Override
    public void write(InfoWriter out) {
        out.field("role", "master")
                .field("connected_slaves", 0)
                .field("master_failover_state", "no-failover")
                .field("master_replid", facts.replicationId())
                .field("master_replid2", NO_ID)
                .field("master_repl_offset", 0)
                .field("second_repl_offset", -1)
                .field("repl_backlog_active", 0)
                .field("repl_backlog_size", backlogBytes.value())
                .field("repl_backlog_first_byte_offset", 0)
                .field("repl_backlog_histlen", 0);
    }
}
