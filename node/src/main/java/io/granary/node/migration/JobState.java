package io.granary.node.migration;

import java.util.Locale;

/** Where a move stands on one of its two nodes, in the words of Valkey 9. */
enum JobState {
    /** The source waits for its turn, or connects. */
    CONNECTING,
    SENDING_AUTH_COMMAND,
    /** The target prepares, and removes what it may have of the slots. */
    READING_ESTABLISH_RESPONSE,
    /** Another snapshot of the source is under way. */
    WAITING_TO_SNAPSHOT,
    SNAPSHOTTING,
    /** The snapshot was sent, and changes follow. */
    REPLICATING,
    /** Another job of the source is handing over. */
    WAITING_TO_PAUSE,
    /** Writes to the slots wait until the target has all of them. */
    FAILOVER_PAUSED,
    /** The source has given the slots out of its hands; or the target claims them. */
    FAILOVER_GRANTED,

    /** The target prepares. */
    WAITING_FOR_ACK,
    RECEIVING_SNAPSHOT,
    WAITING_FOR_PAUSED,
    /** The target has everything. */
    FAILOVER_REQUESTED,
    /** The target removes what has come of a move that failed. */
    CLEANING_UP,

    SUCCESS,
    CANCELLED,
    FAILED;

    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether nothing follows. */
    boolean isFinal() {
        return this == SUCCESS || this == CANCELLED || this == FAILED;
    }
}
