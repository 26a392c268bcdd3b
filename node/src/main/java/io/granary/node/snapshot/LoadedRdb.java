package io.granary.node.snapshot;

import io.granary.persistence.rdb.RdbOrigin;

/**
 * What was found in an RDB.
 *
 * @param keys that were loaded
 * @param expired keys that were left out since their time had come
 * @param replication where in which replication log the data stand, or null if the RDB does not tell
 * @param producer the version of the server that wrote it, or empty
 * @param bytes the RDB's length
 * @param unread what was read from the source behind the RDB
 */
public record LoadedRdb(
        long keys, long expired, RdbOrigin.ReplicationPoint replication, String producer, long bytes,
        byte[] unread) {}
