package io.granary.tools.move;

import io.granary.resp.Frame;
import io.granary.resp.Frame.MapFrame;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One row of CLUSTER GETSLOTMIGRATIONS: a migration of slots that a node has part in, or had. */
public record MigrationJob(Map<String, String> fields) {

    private static final Set<String> ENDED = Set.of("success", "failed", "cancelled", "canceled");

    /**
     * The migrations that are under way in a cluster, each once: as its source tells of it, or its target if that does not.
     */
    public static List<MigrationJob> running(Survey survey, Access access) {
        Map<String, MigrationJob> found = new LinkedHashMap<>();
        for (NodeReport primary : survey.primaries()) {
            try (Connection connection = Connection.open(primary.address(), access)) {
                of(connection).stream().filter(MigrationJob::isRunning)
                        .forEach(job -> found.merge(job.name(), job, (a, b) -> a.isExport() ? a : b));
            } catch (IOException _) {
                // A node without such migrations, or one that has just gone: the survey tells of that.
            }
        }
        return List.copyOf(found.values());
    }

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

    public String name() {
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
    public SlotSet slots() {
        SlotSet slots = new SlotSet();
        for (String range : field("slot_ranges").split("[ ,]+")) {
            String[] ends = range.split("-");
            slots.add(new SlotRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])));
        }
        return slots;
    }

    public String targetId() {
        return field("target_node");
    }

    public String sourceId() {
        return field("source_node");
    }

    /** In Valkey's words: {@code snapshotting}, {@code replicating}... */
    public String state() {
        return field("state");
    }

    /** Bytes that the source has yet to send, or -1 if they are not told. */
    public long waitingBytes() {
        String bytes = field("remaining_repl_size");
        return bytes.isEmpty() ? -1 : Long.parseLong(bytes);
    }

    /** The state, and the reason where it is told. */
    String outcome() {
        return field("state") + (field("message").isEmpty() ? "" : ": " + field("message"));
    }
}
