package io.granary.node.log;

import ch.qos.logback.classic.Level;

/** The four weights of a line of the log. */
enum LogLevel {
    DEBUG('.', "debug", Level.TRACE),
    VERBOSE('-', "verbose", Level.DEBUG),
    NOTICE('*', "notice", Level.INFO),
    WARNING('#', "warning", Level.WARN);

    private final char sign;
    private final String word;
    private final Level level;

    LogLevel(char sign, String word, Level level) {
        this.sign = sign;
        this.word = word;
        this.level = level;
    }

    /** The character that stands for it in a line. */
    char sign() {
        return sign;
    }

    /** Its name as a value of {@code loglevel}. */
    String word() {
        return word;
    }

    Level level() {
        return level;
    }

    static LogLevel of(Level level) {
        return switch (level.toInt()) {
            case Level.TRACE_INT -> DEBUG;
            case Level.DEBUG_INT -> VERBOSE;
            case Level.INFO_INT -> NOTICE;
            default -> WARNING;
        };
    }

    /** The least level that a value of {@code loglevel} lets through. */
    static Level threshold(String loglevel) {
        for (LogLevel level : values()) {
            if (level.word.equals(loglevel)) {
                return level.level;
            }
        }
        return Level.OFF;
    }
}
