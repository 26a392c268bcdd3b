package io.granary.gossip;

import io.granary.gossip.wire.MessageType;
import java.util.Map;

/** The text of CLUSTER INFO. */
public final class ClusterInfoText {

    private ClusterInfoText() {}

    /** @param linksOverLimit how many links were closed because too much waited to be sent on them */
    public static String render(ClusterView view, long linksOverLimit) {
        int assigned = 0;
        int suspected = 0;
        int failed = 0;
        for (int slot = 0; slot < ClusterView.SLOTS; slot++) {
            NodeView owner = view.owner(slot);
            if (owner != null) {
                assigned++;
                failed += owner.is(NodeFlag.FAIL) ? 1 : 0;
                suspected += !owner.is(NodeFlag.FAIL) && owner.is(NodeFlag.PFAIL) ? 1 : 0;
            }
        }
        StringBuilder text = new StringBuilder();
        field(text, "cluster_state", view.ok() ? "ok" : "fail");
        field(text, "cluster_slots_assigned", assigned);
        field(text, "cluster_slots_ok", assigned - suspected - failed);
        field(text, "cluster_slots_pfail", suspected);
        field(text, "cluster_slots_fail", failed);
        field(text, "cluster_known_nodes", view.nodes().size());
        field(text, "cluster_size", view.size());
        field(text, "cluster_current_epoch", view.currentEpoch());
        field(text, "cluster_my_epoch", view.myself().configEpoch());
        counts(text, view.counts().sent(), "sent");
        counts(text, view.counts().received(), "received");
        field(text, "total_cluster_links_buffer_limit_exceeded", linksOverLimit);
        return text.toString();
    }

    private static void counts(StringBuilder text, Map<MessageType, Long> counts, String direction) {
        long total = 0;
        for (MessageType type : MessageType.values()) {
            Long count = counts.get(type);
            if (count != null) {
                field(text, "cluster_stats_messages_" + type.word() + "_" + direction, count);
                total += count;
            }
        }
        field(text, "cluster_stats_messages_" + direction, total);
    }

    private static void field(StringBuilder text, String name, Object value) {
        text.append(name).append(':').append(value).append("\r\n");
    }
}
