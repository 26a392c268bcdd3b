package io.granary.tools.move;

import io.granary.resp.Frame;
import io.granary.resp.Frame.MapFrame;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One row of CLUSTER GETSLOTMIGRATIONS: a migration of slots that a node has part in, or had. */
record MigrationJob(Map<String, String> fields) {

    private static final Set<String> ENDED = Set.of("success", "failed", "cancelled", "canceled");

    static List<MigrationJob> of(Connection node) throws IOException {
        List<MigrationJob> jobs = new ArrayList<>();
        for (Frame row : node.call("CLUSTER", "GETSLOTMIGRATIONS").items()) {
            jobs.add(new MigrationJob(fields(row)));
        }
        return jobs;
    }

    private static Map<String, String> fields(Frame row) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (row instanceof MapFrame map) {
            map.pairs().forEach(pair -> fields.put(pair.key().text(), pair.value().text()));
        } else {
            for (int i = 0; i + 1 < row.items().size(); i += 2) {
                fields.put(row.items().get(i).text(), row.items().get(i + 1).text());
            }
        }
        return fields;
    }

    private String field(String name) {
        return fields.getOrDefault(name, "");
    }

    String name() {
        return field("name");
    }

    boolean isExport() {
        return field("operation").equalsIgnoreCase("EXPORT");
    }

    boolean isRunning() {
        return !ENDED.contains(field("state"));
    }

    boolean hasSucceeded() {
        return field("state").equals("success");
    }

    /** Told as {@code 0-99 200-200}. */
    SlotSet slots() {
        SlotSet slots = new SlotSet();
        for (String range : field("slot_ranges").split("[ ,]+")) {
            String[] ends = range.split("-");
            slots.add(new SlotRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])));
        }
        return slots;
    }

    String targetId() {
        return field("target_node");
    }

    /** The state, and the reason where it is told. */
    String outcome() {
        return field("state") + (field("message").isEmpty() ? "" : ": " + field("message"));
    }
}
