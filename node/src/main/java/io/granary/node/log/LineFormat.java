package io.granary.node.log;

/** How a line of the log looks. */
interface LineFormat {
    /**
     * Appends a line, its end included.
     *
     * @param role M for a primary, S for a replica, C before the node knows
     */
    void append(StringBuilder out, long timeMs, char role, LogLevel level, String message);
}
