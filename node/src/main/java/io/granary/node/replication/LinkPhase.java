package io.granary.node.replication;

/** How far a replica has come with its primary. */
public enum LinkPhase {

    /** No connection; one is tried again and again. */
    CONNECT("connect"),
    /** A connection is being made. */
    CONNECTING("connecting"),
    /** The two are making themselves known, and the primary decides how to go on. */
    HANDSHAKE("handshake"),
    /** A snapshot of the primary's data is being received and loaded. */
    SYNC("sync"),
    /** The primary's stream is being applied. */
    CONNECTED("connected");

    private final String word;

    LinkPhase(String word) {
        this.word = word;
    }

    /** As ROLE names it. */
    public String word() {
        return word;
    }
}
