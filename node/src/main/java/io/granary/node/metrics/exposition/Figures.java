package io.granary.node.metrics.exposition;

import io.granary.node.info.InfoWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** What INFO says at one moment, by field. */
final class Figures implements InfoWriter {

    private final Map<String, String> fields = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> parts = new LinkedHashMap<>();
    private final Map<String, String> sections = new LinkedHashMap<>();
    private String section = "";

    @Override
    public void heading(String name) {
        section = name;
    }

    @Override
    public InfoWriter field(String name, String value) {
        fields.put(name, value);
        sections.put(name, section);
        return this;
    }

    @Override
    public InfoWriter parts(String name, Part... pieces) {
        Map<String, String> byKey = new LinkedHashMap<>();
        for (Part piece : pieces) {
            byKey.put(piece.key(), piece.value());
        }
        parts.put(name, byKey);
        return this;
    }

    /** The fields that say one thing. */
    Map<String, String> fields() {
        return fields;
    }

    /** The field's value, empty if there is none. */
    String text(String field) {
        return fields.getOrDefault(field, "");
    }

    /** The section in which the field stands. */
    String section(String field) {
        return sections.get(field);
    }

    /** Hands over the fields of several parts whose names begin so, by what follows in their name. */
    void each(String prefix, BiConsumer<String, Map<String, String>> reader) {
        parts.forEach((name, byKey) -> {
            if (name.startsWith(prefix)) {
                reader.accept(name.substring(prefix.length()), byKey);
            }
        });
    }

    /** The number that a value stands for, in text; null if it is none. */
    static String number(String value) {
        return switch (value) {
            case "ok", "up" -> "1";
            case "err", "fail", "down" -> "0";
            default -> isNumber(value) ? value : null;
        };
    }

    private static boolean isNumber(String value) {
        try {
            Double.parseDouble(value);
            return !value.isEmpty() && Character.isDigit(value.charAt(value.length() - 1));
        } catch (NumberFormatException _) {
            return false;
        }
    }
}
