package io.granary.node.metrics.exposition;

import java.util.Map;

/** Whom a node follows and who follows it: what INFO replication says of peers, with their addresses as labels. */
final class ReplicationMetrics {

    private static final Map<String, String> OF_PRIMARY = Map.of(
            "master_link_status", "redis_master_link_up",
            "master_last_io_seconds_ago", "redis_master_last_io_seconds_ago",
            "master_sync_in_progress", "redis_master_sync_in_progress",
            "slave_repl_offset", "redis_slave_repl_offset");

    void write(Exposition page, Figures figures) {
        if (!figures.text("master_host").isEmpty()) {
            primary(page, figures);
        }
        figures.each("slave", (_, parts) -> replica(page, parts));
    }

    private static void primary(Exposition page, Figures figures) {
        String host = figures.text("master_host");
        String port = figures.text("master_port");
        OF_PRIMARY.forEach((field, name) -> page.gauge(name, field + " of Replication")
                .add(Figures.number(figures.text(field)), "master_host", host, "master_port", port));
        page.gauge("redis_slave_info", "Whose replica this node is").add(1,
                "master_host", host, "master_port", port, "read_only", figures.text("slave_read_only"));
    }

    private static void replica(Exposition page, Map<String, String> parts) {
        String[] labels = {"slave_ip", parts.get("ip"), "slave_port", parts.get("port"), "slave_state", parts.get("state")};
        page.gauge("redis_connected_slave_offset_bytes", "Up to where each replica has the stream")
                .add(parts.get("offset"), labels);
        page.gauge("redis_connected_slave_lag_seconds", "Since when each replica was not heard")
                .add(parts.get("lag"), labels);
    }
}
