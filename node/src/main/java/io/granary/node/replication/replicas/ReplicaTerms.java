package io.granary.node.replication.replicas;

/**
 * What a client has said of itself by REPLCONF, before and after it became a replica. Written on its event loop; what others
 * read of it and is not volatile counts as it was said before the replica asked for a sync.
 */
final class ReplicaTerms {

    private static final int SETSLOT_SINCE = 8;

    private volatile String address = "";
    private volatile int port;
    private boolean endMark;
    private boolean renames;
    private boolean snapshotOnly;
    private boolean filtered;
    private volatile boolean movesSlots;
    private volatile boolean hidesImports;

    /** The address under which the replica wants to be known, empty if it has not said. */
    String address() {
        return address;
    }

    void address(String announced) {
        address = announced;
    }

    /** The port on which the replica serves clients, 0 if it has not said. */
    int port() {
        return port;
    }

    void port(int listening) {
        port = listening;
    }

    /** Whether the replica finds the end of a snapshot by a mark: {@code capa eof}. */
    boolean endMark() {
        return endMark;
    }

    /** Whether the replica understands that its history got a new name: {@code capa psync2}. */
    boolean renames() {
        return renames;
    }

    /** Notes what the replica can do; what we do not know is of no use to us. */
    void capability(String name) {
        endMark |= name.equalsIgnoreCase("eof");
        renames |= name.equalsIgnoreCase("psync2");
        hidesImports |= name.equalsIgnoreCase("setslot");
        movesSlots |= hidesImports;
    }

    /** Notes the version of Valkey that the replica is. */
    void version(String text) {
        String major = text.replaceFirst("\\..*", "");
        movesSlots |= major.matches("[0-9]{1,4}") && Integer.parseInt(major) >= SETSLOT_SINCE;
    }

    /** Whether the replica understands CLUSTER SETSLOT in the stream: {@code capa setslot}, or Valkey 8. */
    boolean movesSlots() {
        return movesSlots;
    }

    /** Whether the replica is of our kind and understands what moves of slots tell in the stream: {@code capa setslot}. */
    boolean hidesImports() {
        return hidesImports;
    }

    /** Whether the replica wants a snapshot and nothing behind it: {@code rdb-only}. */
    boolean snapshotOnly() {
        return snapshotOnly;
    }

    void snapshotOnly(boolean on) {
        snapshotOnly = on;
    }

    /** Whether the snapshot is to hold no keys: {@code rdb-filter-only}, which leaves out all that it does not name. */
    boolean filtered() {
        return filtered;
    }

    void filter() {
        filtered = true;
    }
}
