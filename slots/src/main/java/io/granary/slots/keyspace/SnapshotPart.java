package io.granary.slots.keyspace;

/**
 * A database's part in a snapshot.
 *
 * @param snapshot the number of the snapshot, from 1 on
 * @param number of the database at the cut
 */
record SnapshotPart(SnapshotWalk walk, long snapshot, Database database, int number) {}
