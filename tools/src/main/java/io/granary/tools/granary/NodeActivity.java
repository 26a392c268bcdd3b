package io.granary.tools.granary;

import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A line of {@code top}: a node and what it does.
 *
 * @param primary whom it follows; null for a primary, or where that node did not answer
 */
record NodeActivity(NodeReport report, NodeReport primary) {

    private static final String NOTHING = "-";

    /** Every shard's primary by its first slot, behind it its replicas; at last who could not be asked. */
    static List<NodeActivity> of(Survey survey) {
        List<NodeReport> primaries = new ArrayList<>(survey.primaries());
        primaries.sort(Comparator.comparingInt(
                (NodeReport each) -> each.slots().isEmpty() ? Integer.MAX_VALUE : each.slots().next(0)));
        List<NodeActivity> lines = new ArrayList<>();
        Set<NodeReport> seen = new LinkedHashSet<>();
        for (NodeReport primary : primaries) {
            lines.add(new NodeActivity(primary, null));
            seen.add(primary);
            for (NodeReport replica : survey.replicasOf(primary)) {
                lines.add(new NodeActivity(replica, primary));
                seen.add(replica);
            }
        }
        survey.reports().stream().filter(report -> !seen.contains(report))
                .forEach(report -> lines.add(new NodeActivity(report, null)));
        return lines;
    }

    private boolean isReplica() {
        return report.self() != null && !report.isPrimary();
    }

    String role() {
        return report.self() == null ? NOTHING : report.self().role();
    }

    /** The address of whom it follows. */
    String of() {
        return primary != null ? primary.address().toString() : isReplica() ? report.self().primaryId() : NOTHING;
    }

    String slots() {
        return report.self() == null || isReplica() ? NOTHING : Table.grouped(report.self().slotCount());
    }

    String keys() {
        return report.reachable() ? Table.grouped(report.keys()) : NOTHING;
    }

    String memory() {
        return report.reachable() ? report.info().text("used_memory_human") : NOTHING;
    }

    /** A number of INFO. */
    String number(String field) {
        long number = report.info().number(field);
        return number < 0 ? NOTHING : Table.grouped(number);
    }

    /** Bytes of the replication log that the replica has not yet; both were asked at nearly the same time. */
    private long lagBytes() {
        if (primary == null || !report.reachable()) {
            return -1;
        }
        return Math.max(0, primary.info().number("master_repl_offset") - report.info().number("slave_repl_offset"));
    }

    String lag() {
        return lagBytes() < 0 ? NOTHING : Table.grouped(lagBytes());
    }

    String state() {
        if (!report.reachable()) {
            return "down: " + report.problem();
        }
        if (report.info().number("loading") == 1) {
            return "loading";
        }
        if (isReplica() && !report.info().text("master_link_status").equals("up")) {
            return report.info().number("master_sync_in_progress") == 1 ? "syncing" : "no link";
        }
        return report.state();
    }

    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("address", report.address().toString());
        facts.put("state", state());
        if (report.self() == null) {
            return facts;
        }
        facts.put("id", report.id());
        facts.put("role", role());
        if (isReplica()) {
            facts.put("primary", report.self().primaryId());
        }
        if (report.reachable()) {
            facts.put("slots", isReplica() ? 0 : report.self().slotCount());
            facts.put("keys", report.keys());
            facts.put("usedMemoryBytes", report.info().number("used_memory"));
            facts.put("opsPerSecond", report.info().number("instantaneous_ops_per_sec"));
            facts.put("clients", report.info().number("connected_clients"));
            if (lagBytes() >= 0) {
                facts.put("lagBytes", lagBytes());
            }
        }
        return facts;
    }
}
