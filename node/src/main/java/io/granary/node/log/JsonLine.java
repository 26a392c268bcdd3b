package io.granary.node.log;

import java.time.Instant;

/** One JSON object a line, with the time in ISO 8601 at UTC. */
final class JsonLine implements LineFormat {
    private final long pid;

    JsonLine(long pid) {
        this.pid = pid;
    }

    @Override
    public void append(StringBuilder out, long timeMs, char role, LogLevel level, String message) {
        out.append("{\"time\":\"").append(Instant.ofEpochMilli(timeMs));
        out.append("\",\"pid\":").append(pid);
        out.append(",\"role\":\"").append(role == 'S' ? "replica" : role == 'M' ? "primary" : "starting");
        out.append("\",\"level\":\"").append(level.word());
        out.append("\",\"message\":\"");
        for (int i = 0; i < message.length(); i++) {
            appendEscaped(out, message.charAt(i));
        }
        out.append("\"}\n");
    }

    private static void appendEscaped(StringBuilder out, char c) {
        switch (c) {
            case '"', '\\' -> out.append('\\').append(c);
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                // A lone surrogate is no character; it is escaped so that the line stays valid.
                if (c < ' ' || Character.isSurrogate(c)) {
                    out.append("\\u");
                    for (int shift = 12; shift >= 0; shift -= 4) {
                        out.append(Character.forDigit(c >> shift & 15, 16));
                    }
                } else {
                    out.append(c);
                }
            }
        }
    }
}
