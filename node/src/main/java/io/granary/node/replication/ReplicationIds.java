package io.granary.node.replication;

/**
 * The names of a node's history. A node that was promoted goes on with its primary's history under a name of its own: what
 * came before belongs to both.
 *
 * @param id          40 hexadecimal digits that name the history that is being written
 * @param previousId  the name that the history had before; 40 zeros for none
 * @param previousEnd the first offset that the previous name does not cover; -1 for none
 */
public record ReplicationIds(String id, String previousId, long previousEnd) {

    private static final String NONE = "0".repeat(40);

    /** A history that has just begun. */
    public static ReplicationIds of(String id) {
        return new ReplicationIds(id, NONE, -1);
    }

    /** The same history under another name from the byte behind {@code offset} on. */
    public ReplicationIds renamed(String newId, long offset) {
        return new ReplicationIds(newId, id, offset + 1);
    }

    /** Whether whoever has all of history {@code other} before {@code next} has what this one holds up to there. */
    public boolean continues(String other, long next) {
        return other.equalsIgnoreCase(id) || other.equalsIgnoreCase(previousId) && next <= previousEnd;
    }

    /** Whether a name is known at all, however far it reaches. */
    public boolean knows(String other) {
        return other.equalsIgnoreCase(id) || other.equalsIgnoreCase(previousId);
    }
}
