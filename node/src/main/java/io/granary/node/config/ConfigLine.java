package io.granary.node.config;

import java.util.ArrayList;
import java.util.List;

/** The words of a line of a configuration file, and the quotes around them. */
final class ConfigLine {
    private final String line;
    private int at;

    private ConfigLine(String line) {
        this.line = line;
    }

    /**
     * Splits a line at blanks. "Double quotes" know the escapes of C and \xHH, 'single quotes' only \'. A closing quote must
     * end its word.
     *
     * @return the words, or null if the quotes are unbalanced
     */
    static List<String> words(String line) {
        ConfigLine reader = new ConfigLine(line);
        List<String> words = new ArrayList<>(4);
        while (reader.skipBlanks()) {
            String word = reader.word();
            if (word == null) {
                return null;
            }
            words.add(word);
        }
        return words;
    }

    /** A part of a text without the blanks and carriage returns around it. */
    static String trimmed(String text, int from, int to) {
        int first = from;
        int last = to;
        while (first < last && isTrimmed(text.charAt(first))) {
            first++;
        }
        while (first < last && isTrimmed(text.charAt(last - 1))) {
            last--;
        }
        return text.substring(first, last);
    }

    private static boolean isTrimmed(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }

    /** Blank to the C library. */
    static boolean isBlank(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    private boolean skipBlanks() {
        while (at < line.length() && isBlank(line.charAt(at))) {
            at++;
        }
        return at < line.length();
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == '"' || c == '\'') {
                boolean closed = c == '"' ? readDoubleQuoted(word) : readSingleQuoted(word);
                boolean ends = at == line.length() || isBlank(line.charAt(at));
                return closed && ends ? word.toString() : null;
            }
            if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
                break;
            }
            word.append(c);
        }
        return word.toString();
    }

    private boolean readDoubleQuoted(StringBuilder word) {
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == '"') {
                return true;
            }
            if (c == '\\' && at < line.length()) {
                word.append(escaped());
            } else {
                word.append(c);
            }
        }
        return false;
    }

    private char escaped() {
        char c = line.charAt(at++);
        if (c == 'x' && at + 1 < line.length()) {
            int high = hex(line.charAt(at));
            int low = hex(line.charAt(at + 1));
            if (high >= 0 && low >= 0) {
                at += 2;
                return (char) (high << 4 | low);
            }
        }
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> c;
        };
    }

    private boolean readSingleQuoted(StringBuilder word) {
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == '\'') {
                return true;
            }
            if (c == '\\' && at < line.length() && line.charAt(at) == '\'') {
                at++;
                c = '\'';
            }
            word.append(c);
        }
        return false;
    }

    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    /** A word in double quotes that {@link #words} reads back as it was. */
    static String quoted(String word) {
        StringBuilder out = new StringBuilder(word.length() + 2).append('"');
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            switch (c) {
                case '\\', '"' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c >= ' ' && c < 0x7f) {
                        out.append(c);
                    } else {
                        out.append("\\x").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
                    }
                }
            }
        }
        return out.append('"').toString();
    }
}
