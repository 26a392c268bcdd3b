package io.granary.node.replication;

/**
 * A node's part in replication at one moment.
 *
 * @param host the primary's host, null when this node is a primary
 * @param port the primary's port, 0 when this node is a primary
 * @param phase how far this node has come with its primary; means nothing on a primary
 */
public record ReplicationState(String host, int port, LinkPhase phase) {

    /** That of a primary. */
    public static final ReplicationState LEADING = new ReplicationState(null, 0, LinkPhase.CONNECT);

    /** Whether this node has a primary. */
    public boolean isReplica() {
        return host != null;
    }

    /** Whether the primary's stream is being applied: the link is up. */
    public boolean connected() {
        return isReplica() && phase == LinkPhase.CONNECTED;
    }

    /** Whether that is the primary which is followed. */
    public boolean follows(String otherHost, int otherPort) {
        return isReplica() && port == otherPort && host.equalsIgnoreCase(otherHost);
    }

    ReplicationState at(LinkPhase next) {
        return new ReplicationState(host, port, next);
    }
}
