package io.granary.node.config;

/** Why a configuration was refused: a line with a reason, a reason alone, or a file that cannot be read. */
public final class ConfigFileException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int number;
    private final String line;
    private final boolean unreadable;

    private ConfigFileException(String reason, int number, String line, boolean unreadable) {
        super(reason, null, false, false);
        this.number = number;
        this.line = line;
        this.unreadable = unreadable;
    }

    static ConfigFileException badLine(int number, String line, String reason) {
        return new ConfigFileException(reason, number, line, false);
    }

    static ConfigFileException contradiction(String reason) {
        return new ConfigFileException(reason, 0, null, false);
    }

    static ConfigFileException unreadable(String file, String reason) {
        return new ConfigFileException("Fatal error, can't open config file '" + Latin1.toUtf8(file) + "': " + reason,
                0, null, true);
    }

    /** Whether the message is a line for the log; otherwise it is a {@link #report}. */
    public boolean unreadable() {
        return unreadable;
    }

    /** What redis-server writes to the standard error before it exits with status 1. */
    public String report(String version) {
        StringBuilder text = new StringBuilder("\n*** FATAL CONFIG FILE ERROR (Redis ").append(version).append(") ***\n");
        if (line != null) {
            text.append("Reading the configuration file, at line ").append(number).append('\n');
            text.append(">>> '").append(Latin1.toUtf8(line)).append("'\n");
        }
        return text.append(Latin1.toUtf8(getMessage())).append('\n').toString();
    }
}
