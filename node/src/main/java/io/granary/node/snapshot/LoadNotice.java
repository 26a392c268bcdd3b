package io.granary.node.snapshot;

/** What clients notice of data that are being loaded. */
public enum LoadNotice {
    /** Nothing. */
    NONE,
    /** That some commands are refused: other data are served meanwhile. */
    BESIDE,
    /** That nothing is served until it is done. */
    WAIT
}
