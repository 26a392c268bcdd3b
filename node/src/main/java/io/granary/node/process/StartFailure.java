package io.granary.node.process;

import java.util.List;
import java.util.regex.Pattern;

/** Why a node cannot start, in lines for the log. */
public final class StartFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private static final Pattern CALL = Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

    private final transient List<String> lines;

    public StartFailure(String... lines) {
        super(String.join("; ", lines));
        this.lines = List.of(lines);
    }

    /**
     * A port that cannot be listened on, told as redis-server tells it.
     *
     * @param purpose {@code TCP} for clients, {@code cluster} for the bus
     */
    public static StartFailure cannotListen(String host, int port, String purpose, Throwable cause) {
        return new StartFailure(
                "Warning: Could not create server TCP listening socket " + host + ":" + port + ": bind: " + reason(cause),
                "Failed listening on port " + port + " (" + purpose + "), aborting.");
    }

    /** Why the system refused, in its own words: the transports put the name of the call and a number before them. */
    public static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        String inUse = "Address already in use";
        return message.contains(inUse) ? inUse : CALL.matcher(message).replaceFirst("");
    }

    public List<String> lines() {
        return lines;
    }
}
