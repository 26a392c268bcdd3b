package io.granary.persistence.rdb;

/**
 * What an RDB tells about its making, in its auxiliary fields.
 *
 * @param redisVersion what Redis the writer passes for, {@code redis-ver}
 * @param createdUnixSeconds {@code ctime}
 * @param usedMemoryBytes {@code used-mem}
 * @param replication where in the replication log the data stand, or null
 * @param aofBase whether the RDB is the base of an append-only file
 */
public record RdbOrigin(
        String redisVersion, long createdUnixSeconds, long usedMemoryBytes, ReplicationPoint replication, boolean aofBase) {

    /**
     * A place in a replication log.
     *
     * @param id 40 hexadecimal digits
     * @param offset of the last byte whose effect the data show
     * @param database the one that the log has selected there
     */
    public record ReplicationPoint(String id, long offset, int database) {}
}
