package io.granary.node.client;

/** Which replies CLIENT REPLY lets through. */
public enum ReplyMode {
    /** All of them. */
    ON,
    /** None. */
    OFF,
    /** All but that of the next command. */
    SKIP_NEXT,
    /** All but that of the command that runs now. */
    SKIP_THIS
}
