package io.granary.gossip.wire;

/** The types of messages on the bus, in the order of their codes. */
public enum MessageType {
    PING("ping"),
    PONG("pong"),
    MEET("meet"),
    FAIL("fail"),
    PUBLISH("publish"),
    FAILOVER_AUTH_REQUEST("auth-req"),
    FAILOVER_AUTH_ACK("auth-ack"),
    UPDATE("update"),
    MFSTART("mfstart"),
    MODULE("module"),
    PUBLISHSHARD("publishshard");

    private final String word;

    MessageType(String word) {
        this.word = word;
    }

    /** Its name in CLUSTER INFO. */
    public String word() {
        return word;
    }

    /** Its number on the bus. */
    public int code() {
        return ordinal();
    }

    /** The type of a number, or null when it means nothing here. */
    public static MessageType of(int code) {
        return code >= 0 && code < values().length ? values()[code] : null;
    }
}
