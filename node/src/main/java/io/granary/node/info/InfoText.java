package io.granary.node.info;

import java.util.Locale;

/** INFO as clients get it: fields as {@code name:value} and a line end each, a heading over each section. */
final class InfoText implements InfoWriter {

    private static final String[] UNITS = {"B", "K", "M", "G", "T", "P"};

    private final StringBuilder text = new StringBuilder(4096);

    @Override
    public void heading(String name) {
        if (!text.isEmpty()) {
            text.append("\r\n");
        }
        text.append("# ").append(name).append("\r\n");
    }

    @Override
    public InfoWriter field(String name, String value) {
        text.append(name).append(':').append(value).append("\r\n");
        return this;
    }

    @Override
    public InfoWriter field(String name, long value) {
        text.append(name).append(':').append(value).append("\r\n");
        return this;
    }

    @Override
    public InfoWriter parts(String name, Part... parts) {
        text.append(name);
        char before = ':';
        for (Part part : parts) {
            text.append(before).append(part);
            before = ',';
        }
        text.append("\r\n");
        return this;
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
