package io.granary.node.snapshot;

import io.granary.persistence.disk.Disk;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A small file beside the node's RDB that says: this RDB is all that the node had when it ended. It is written behind the
 * save of an orderly end and taken away before the node serves again, so a node that finds its RDB without it knows that it
 * may have acknowledged more. It names the RDB by its length and its place in history, lest it vouch for another one that an
 * operator has put there.
 */
final class EndMark {

    private final Disk disk;
    private final Supplier<Path> rdb;

    /** @param rdb the file that the mark lies beside */
    EndMark(Disk disk, Supplier<Path> rdb) {
        this.disk = disk;
        this.rdb = rdb;
    }

    private Path file() {
        Path beside = rdb.get().toAbsolutePath();
        return beside.resolveSibling(beside.getFileName() + ".complete");
    }

    private static String text(long bytes, ReplicationPoint point) {
        return bytes + " " + point.id() + " " + point.offset() + "\n";
    }

    /** Vouches for an RDB; durable when this returns. */
    void set(long rdbBytes, ReplicationPoint point) throws IOException {
        Path file = file();
        disk.write(file, text(rdbBytes, point).getBytes(StandardCharsets.US_ASCII));
        disk.sync(file);
        disk.syncDirectory(file.getParent());
    }

    /** Whether it vouches for that RDB. One that cannot be read does not. */
    boolean vouchesFor(long rdbBytes, ReplicationPoint point) {
        try {
            return new String(disk.read(file()), StandardCharsets.US_ASCII).equals(text(rdbBytes, point));
        } catch (IOException _) {
            return false;
        }
    }

    /** Takes it away for good, if it is there. */
    void remove() throws IOException {
        Path file = file();
        if (disk.exists(file)) {
            disk.delete(file);
            disk.syncDirectory(file.getParent());
        }
    }
}
