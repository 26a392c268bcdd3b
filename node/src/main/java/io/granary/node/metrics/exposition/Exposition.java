package io.granary.node.metrics.exposition;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A page in Prometheus's text format, 0.0.4: families of samples, each with its kind and help. */
final class Exposition {

    private final Map<String, Family> families = new LinkedHashMap<>();

    /** What a family's numbers mean to a reader. */
    enum Kind { GAUGE, COUNTER, SUMMARY, HISTOGRAM }

    /** The samples of one name. */
    static final class Family {
        private final String name;
        private final StringBuilder text = new StringBuilder();

        private Family(String name, Kind kind, String help) {
            this.name = name;
            text.append("# HELP ").append(name).append(' ').append(help).append('\n');
            text.append("# TYPE ").append(name).append(' ').append(kind.name().toLowerCase(Locale.ROOT)).append('\n');
        }

        /** Adds a sample; labels are names and values in turn. */
        Family add(String value, String... labels) {
            return addPart("", value, labels);
        }

        Family add(long value, String... labels) {
            return add(Long.toString(value), labels);
        }

        Family add(double value, String... labels) {
            return add(Double.toString(value), labels);
        }

        /** Adds a sample whose name goes on behind the family's: {@code _sum}, {@code _bucket}. */
        Family addPart(String suffix, String value, String... labels) {
            text.append(name).append(suffix);
            for (int i = 0; i < labels.length; i += 2) {
                text.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"").append(escaped(labels[i + 1])).append('"');
            }
            text.append(labels.length == 0 ? " " : "} ").append(value).append('\n');
            return this;
        }

        private static String escaped(String label) {
            return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        }
    }

    /** The family of this name, begun if it is not there. */
    Family family(String name, Kind kind, String help) {
        return families.computeIfAbsent(name, _ -> new Family(name, kind, help));
    }

    Family gauge(String name, String help) {
        return family(name, Kind.GAUGE, help);
    }

    Family counter(String name, String help) {
        return family(name, Kind.COUNTER, help);
    }

    @Override
    public String toString() {
        StringBuilder page = new StringBuilder();
        families.values().forEach(family -> page.append(family.text));
        return page.toString();
    }
}
