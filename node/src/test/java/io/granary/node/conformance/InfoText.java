package io.granary.node.conformance;

import io.granary.slots.transcript.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The text of INFO, read as redis_exporter reads it: headings, then lines of a name, a colon and a value. */
record InfoText(List<String> sections, Map<String, String> fields, Map<String, String> sectionOf) {

    static InfoText of(Connection server, String... sections) {
        List<String> request = new ArrayList<>(List.of("INFO"));
        request.addAll(List.of(sections));
        return parse(server.ask(request.toArray(String[]::new)).text());
    }

    static InfoText parse(String text) {
        List<String> sections = new ArrayList<>();
        Map<String, String> fields = new LinkedHashMap<>();
        Map<String, String> sectionOf = new LinkedHashMap<>();
        for (String line : text.split("\r\n")) {
            if (line.startsWith("# ")) {
                sections.add(line.substring(2));
            } else if (!line.isEmpty()) {
                int colon = line.indexOf(':');
                if (colon <= 0 || line.indexOf('\n') >= 0) {
                    throw new AssertionError("neither heading nor field: " + line);
                }
                fields.put(line.substring(0, colon), line.substring(colon + 1));
                sectionOf.put(line.substring(0, colon), sections.getLast());
            }
        }
        return new InfoText(sections, fields, sectionOf);
    }

    String text(String field) {
        if (!fields.containsKey(field)) {
            throw new AssertionError("no field " + field + " in " + fields.keySet());
        }
        return fields.get(field);
    }

    long number(String field) {
        return Long.parseLong(text(field));
    }

    /** The parts of a value such as {@code calls=1,usec=2}. */
    Map<String, String> parts(String field) {
        Map<String, String> parts = new LinkedHashMap<>();
        for (String part : text(field).split(",")) {
            String[] pair = part.split("=");
            parts.put(pair[0], pair[1]);
        }
        return parts;
    }
}
