package io.granary.node.snapshot;

import io.granary.persistence.rdb.NativeBytes;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;

/** What an RDB says of itself, as far as a node makes use of it. What makes no sense counts as not said. */
final class RdbFacts {

    private static final int SHOWN_CHARS_MAX = 64;
    private static final String REPLICATION_ID = "[0-9a-f]{40}";
    private static final long NONE = -1;

    private String producer = "";
    private String replicationId;
    private long offset = NONE;
    private long streamDatabase = NONE;

    void add(String name, NativeBytes value) {
        String text = value.text(SHOWN_CHARS_MAX);
        switch (name) {
            case "redis-ver", "valkey-ver" -> producer = text.replaceAll("[^ -~]", "?");
            case "repl-id" -> replicationId = text.matches(REPLICATION_ID) ? text : null;
            case "repl-offset" -> offset = number(text);
            case "repl-stream-db" -> streamDatabase = number(text);
            default -> {
                // there is nothing to be done with it here
            }
        }
    }

    private static long number(String text) {
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : NONE;
    }

    /** The version of the server that wrote it, or empty. */
    String producer() {
        return producer;
    }

    /** Null unless all of it was said. */
    ReplicationPoint replication() {
        boolean whole = replicationId != null && offset != NONE
                && streamDatabase >= 0 && streamDatabase <= Integer.MAX_VALUE;
        return whole ? new ReplicationPoint(replicationId, offset, (int) streamDatabase) : null;
    }
}
