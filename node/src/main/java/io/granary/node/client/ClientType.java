package io.granary.node.client;

import java.util.Locale;

/** What kind of client a connection is, as CLIENT LIST and CLIENT KILL tell them apart. */
public enum ClientType {
    NORMAL,
    /** One that this node's replication log is sent to. */
    REPLICA,
    /** One that is subscribed to a channel: there are none. */
    PUBSUB,
    /** The primary of this node, or another node whose stream is applied here. */
    MASTER;

    /** The kind that a word names, or null; {@code slave} is the old word for a replica. */
    public static ClientType of(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "normal" -> NORMAL;
            case "slave", "replica" -> REPLICA;
            case "pubsub" -> PUBSUB;
            case "master" -> MASTER;
            default -> null;
        };
    }

    public static ClientType of(ClientSession session) {
        return session.ofPrimary() ? MASTER : session.follower() == null ? NORMAL : REPLICA;
    }
}
