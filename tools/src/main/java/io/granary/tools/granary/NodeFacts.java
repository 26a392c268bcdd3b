package io.granary.tools.granary;

import io.granary.slots.SlotSet;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.OpenSlot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What programs are told of a node; the names of the fields do not change. */
final class NodeFacts {

    private NodeFacts() {}

    static Map<String, Object> of(NodeReport report) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("address", report.address().toString());
        facts.put("state", report.state());
        if (!report.reachable()) {
            facts.put("problem", report.problem());
            return facts;
        }
        facts.put("id", report.self().id());
        facts.put("role", report.self().role());
        if (!report.isPrimary()) {
            facts.put("primary", report.self().primaryId());
        }
        facts.put("version", report.version());
        facts.put("configEpoch", report.self().configEpoch());
        facts.put("slots", ranges(report.slots()));
        facts.put("slotCount", report.self().slotCount());
        facts.put("open", report.self().open().stream().map(NodeFacts::of).toList());
        facts.put("keys", report.keys());
        facts.put("usedMemoryBytes", report.info().number("used_memory"));
        facts.put("uptimeSeconds", report.info().number("uptime_in_seconds"));
        facts.put("pid", report.info().number("process_id"));
        return facts;
    }

    private static Map<String, Object> of(OpenSlot open) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("slot", open.slot());
        facts.put("direction", open.importing() ? "importing" : "migrating");
        facts.put("peer", open.peerId());
        return facts;
    }

    /** Pairs of first and last slot. */
    static List<List<Integer>> ranges(SlotSet slots) {
        return slots.ranges().stream().map(range -> List.of(range.first(), range.last())).toList();
    }
}
