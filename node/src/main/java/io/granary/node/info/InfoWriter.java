package io.granary.node.info;

import java.util.Locale;

/** Writes fields of INFO, {@code name:value} and a line end each. */
public final class InfoWriter {

    private static final String[] UNITS = {"B", "K", "M", "G", "T", "P"};

    private final StringBuilder text = new StringBuilder(4096);

    InfoWriter() {}

    void heading(String name) {
        if (!text.isEmpty()) {
            text.append("\r\n");
        }
        text.append("# ").append(name).append("\r\n");
    }

    public InfoWriter field(String name, String value) {
        text.append(name).append(':').append(value).append("\r\n");
        return this;
    }

    public InfoWriter field(String name, long value) {
        text.append(name).append(':').append(value).append("\r\n");
        return this;
    }

    public InfoWriter field(String name, boolean value) {
        return field(name, value ? 1 : 0);
    }

    /** A number with so many digits behind the point. */
    public InfoWriter decimal(String name, double value, int digits) {
        return field(name, String.format(Locale.ROOT, "%." + digits + "f", value));
    }

    /** A size in bytes, and again for people. */
    public InfoWriter size(String name, long bytes) {
        return field(name, bytes).field(name + "_human", human(bytes));
    }

    /** Bytes as Redis writes them for people, {@code 1.50M}. Source: bytesToHuman in util.c. */
    static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + "B";
        }
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.2f%s", value, UNITS[unit]);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
