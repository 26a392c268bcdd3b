package io.granary.node.snapshot;

import io.granary.persistence.rdb.RdbOrigin;
import io.granary.persistence.rdb.RdbReader;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/**
 * What was found in an RDB.
 *
 * @param keys that were loaded
 * @param expired keys whose time had come: they were left out, or stay until the replicas are told of their end
 * @param replication where in which replication log the data stand, or null if the RDB does not tell
 * @param producer the version of the server that wrote it, or empty
 * @param bytes the RDB's length
 * @param unread what was read from the source behind the RDB
 */
public record LoadedRdb(
        long keys, long expired, RdbOrigin.ReplicationPoint replication, String producer, long bytes,
        byte[] unread) {

    /** Reads only where an RDB stands; null if it does not tell. */
    static RdbOrigin.ReplicationPoint point(ReadableByteChannel source, long bytes) throws IOException {
        RdbFacts facts = new RdbFacts();
        try (RdbReader reader = new RdbReader(source, bytes, false, 1)) {
            reader.readFacts(facts::add);
        }
        return facts.replication();
    }
}
