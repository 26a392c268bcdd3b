package io.granary.gossip;

/**
 * Where the replication of this node stands.
 *
 * @param offset the end of the stream: what a primary has written, what a replica has applied
 * @param silenceMs on a replica, how long nothing has come from its primary: since the last byte while the link is up, else
 *     since it broke; 0 on a primary
 * @param synced whether a replica holds the data of a sync with its primary that was completed; true on a primary
 */
public record ReplicationStatus(long offset, long silenceMs, boolean synced) {

    /** A node that has never led nor followed. */
    public static final ReplicationStatus NONE = new ReplicationStatus(0, 0, false);

    /** A replica that never had a link to its primary: nothing is known of its data. */
    public static final ReplicationStatus UNLINKED = new ReplicationStatus(0, Long.MAX_VALUE, false);
}
