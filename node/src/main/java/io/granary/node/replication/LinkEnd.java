package io.granary.node.replication;

/**
 * Why a link to the primary has ended.
 *
 * @param kind what is to be done about it
 * @param reason for the log
 */
record LinkEnd(Kind kind, String reason) {

    /** What is to be done about the end of a link. */
    enum Kind {
        /** The connection was lost, or never came about: another is made at once, and then again and again. */
        LOST,
        /** The primary cannot do what is asked of it now: it is asked again soon. */
        LATER,
        /** What the primary sent makes no sense here: it is asked again after a while, and a longer one each time. */
        FAULT,
        /** As {@link #FAULT}, and what this node has cannot be gone on from: all data are needed. */
        NEEDS_FULL_SYNC,
        /** This node has turned away from the primary. */
        SUPERSEDED
    }
}
