package io.granary.node.replication;

import io.granary.node.info.InfoWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The fields of {@code INFO replication} that only a replica has. */
public final class ReplicaReport {

    private static final double PERCENT = 100.0;

    private final Replication replication;

    public ReplicaReport(Replication replication) {
        this.replication = replication;
    }

    /** Writes the fields, behind {@code role}; nothing on a primary. As genRedisInfoString in server.c of Redis 7.4. */
    public void write(InfoWriter out) {
        ReplicationState state = replication.state();
        Following following = replication.following();
        if (!state.isReplica() || following == null) {
            return;
        }
        boolean syncing = state.phase() == LinkPhase.SYNC;
        long silentMs = following.silentMs();
        long offset = replication.offset();
        out.field("master_host", state.host())
                .field("master_port", state.port())
                .field("master_link_status", state.connected() ? "up" : "down")
                .field("master_last_io_seconds_ago", silentMs < 0 ? -1 : TimeUnit.MILLISECONDS.toSeconds(silentMs))
                .field("master_sync_in_progress", syncing ? 1 : 0)
                .field("slave_read_repl_offset", offset)
                .field("slave_repl_offset", offset);
        if (syncing) {
            progress(out, following);
        }
        if (!state.connected()) {
            long downMs = replication.linkDownMs();
            out.field("master_link_down_since_seconds",
                    downMs == Long.MAX_VALUE ? -1 : TimeUnit.MILLISECONDS.toSeconds(downMs));
        }
        PrimarySettings settings = replication.settings();
        out.field("slave_priority", settings.priority())
                .field("slave_read_only", settings.readOnly() ? 1 : 0)
                .field("replica_announced", settings.announced() ? 1 : 0);
    }

    private static void progress(InfoWriter out, Following following) {
        SnapshotTransfer transfer = following.transfer();
        long received = transfer == null ? 0 : transfer.received();
        long expected = transfer == null ? 0 : transfer.expected();
        double percent = expected == 0 ? 0 : PERCENT * received / expected;
        out.field("master_sync_total_bytes", expected)
                .field("master_sync_read_bytes", received)
                .field("master_sync_left_bytes", expected - received)
                .field("master_sync_perc", String.format(Locale.ROOT, "%.2f", percent))
                .field("master_sync_last_io_seconds_ago",
                        TimeUnit.MILLISECONDS.toSeconds(following.transferSilentMs()));
    }
}
