package io.granary.node.process;

import java.util.List;

/** Why a node cannot start, in lines for the log. */
public final class StartFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> lines;

    public StartFailure(String... lines) {
        super(String.join("; ", lines));
        this.lines = List.of(lines);
    }

    /** A port that cannot be listened on, told as redis-server tells it. */
    public static StartFailure cannotListen(String host, int port, String reason) {
        return new StartFailure(
                "Warning: Could not create server TCP listening socket " + host + ":" + port + ": bind: " + reason,
                "Failed listening on port " + port + " (TCP), aborting.");
    }

    public List<String> lines() {
        return lines;
    }
}
