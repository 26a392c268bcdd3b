package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.ClusterView.OwnedRange;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.wire.MessageType;
import java.util.Map;

/** The text of CLUSTER INFO, whose lines tools read by their names. */
final class ClusterInfo {

    private final StringBuilder text = new StringBuilder();

    private ClusterInfo() {}

    /** @param linksClosed how many links were closed because too much waited in them */
    static String text(ClusterView view, long linksClosed) {
        ClusterInfo info = new ClusterInfo();
        info.slots(view);
        info.line("cluster_known_nodes", view.nodes().size());
        info.line("cluster_size", view.size());
        info.line("cluster_current_epoch", Long.toUnsignedString(view.currentEpoch()));
        info.line("cluster_my_epoch", Long.toUnsignedString(view.myself().configEpoch()));
        info.messages("sent", view.counts().sent());
        info.messages("received", view.counts().received());
        info.line("total_cluster_links_buffer_limit_exceeded", linksClosed);
        return info.text.toString();
    }

    private void slots(ClusterView view) {
        int suspected = 0;
        int failed = 0;
        int assigned = 0;
        for (OwnedRange range : view.ranges()) {
            int slots = range.last() - range.first() + 1;
            assigned += slots;
            if (range.owner().is(NodeFlag.FAIL)) {
                failed += slots;
            } else if (range.owner().is(NodeFlag.PFAIL)) {
                suspected += slots;
            }
        }
        line("cluster_state", view.ok() ? "ok" : "fail");
        line("cluster_slots_assigned", assigned);
        line("cluster_slots_ok", assigned - suspected - failed);
        line("cluster_slots_pfail", suspected);
        line("cluster_slots_fail", failed);
    }

    private void messages(String direction, Map<MessageType, Long> counts) {
        long total = 0;
        for (MessageType type : MessageType.values()) {
            long count = counts.getOrDefault(type, 0L);
            total += count;
            if (count != 0) {
                line("cluster_stats_messages_" + type.word() + "_" + direction, count);
            }
        }
        line("cluster_stats_messages_" + direction, total);
    }

    private void line(String name, Object value) {
        text.append(name).append(':').append(value).append("\r\n");
    }
}
