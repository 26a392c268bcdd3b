package io.granary.gossip;

import io.granary.gossip.wire.MessageType;
import java.util.LinkedHashMap;
import java.util.Map;

/** The text of CLUSTER INFO. */
public final class ClusterInfoText {

    private ClusterInfoText() {}

    /** @param linksOverLimit how many links were closed because too much waited to be sent on them */
    public static String render(ClusterView view, long linksOverLimit) {
        StringBuilder text = new StringBuilder();
        fields(view, linksOverLimit).forEach((name, value) -> text.append(name).append(':').append(value).append("\r\n"));
        return text.toString();
    }

    /** What the text says, field by field in its order. */
    public static Map<String, String> fields(ClusterView view, long linksOverLimit) {
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
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("cluster_state", view.ok() ? "ok" : "fail");
        put(fields, "cluster_slots_assigned", assigned);
        put(fields, "cluster_slots_ok", assigned - suspected - failed);
        put(fields, "cluster_slots_pfail", suspected);
        put(fields, "cluster_slots_fail", failed);
        put(fields, "cluster_known_nodes", view.nodes().size());
        put(fields, "cluster_size", view.size());
        put(fields, "cluster_current_epoch", view.currentEpoch());
        put(fields, "cluster_my_epoch", view.myself().configEpoch());
        counts(fields, view.counts().sent(), "sent");
        counts(fields, view.counts().received(), "received");
        put(fields, "total_cluster_links_buffer_limit_exceeded", linksOverLimit);
        return fields;
    }

    private static void counts(Map<String, String> fields, Map<MessageType, Long> counts, String direction) {
        long total = 0;
        for (MessageType type : MessageType.values()) {
            Long count = counts.get(type);
            if (count != null) {
                put(fields, "cluster_stats_messages_" + type.word() + "_" + direction, count);
                total += count;
            }
        }
        put(fields, "cluster_stats_messages_" + direction, total);
    }

    private static void put(Map<String, String> fields, String name, long value) {
        fields.put(name, Long.toString(value));
    }
}
