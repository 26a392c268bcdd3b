package io.granary.tools.cluster;

import java.util.LinkedHashMap;
import java.util.Map;

/** The {@code field:value} lines that INFO and CLUSTER INFO answer with. */
public record InfoText(Map<String, String> fields) {

    public static InfoText parse(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0 && line.charAt(0) != '#') {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return new InfoText(fields);
    }

    /** Empty where the node has no such field. */
    public String text(String field) {
        return fields.getOrDefault(field, "");
    }

    /** -1 where the node has no such field. */
    public long number(String field) {
        return Long.parseLong(fields.getOrDefault(field, "-1"));
    }
}
