package io.granary.node.snapshot;

import io.granary.node.log.NodeLog;
import io.granary.persistence.disk.Disk;
import io.granary.persistence.disk.DiskReason;
import io.granary.persistence.disk.Replacement;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The file of a node as the sink of a snapshot: it goes to a temporary file first, which takes the place of the old one
 * when it is whole and durable.
 */
final class RdbFile implements ChunkSink {

    /** As Redis: what is written between two syncs, so that the last one is short. */
    private static final long SYNC_BYTES = 4 << 20;

    private final Disk disk;
    private final Path target;
    private final Path temporary;
    private final long syncBytes;
    private final NodeLog log;
    private final Consumer<Throwable> outcome;
    private Replacement replacement;
    private boolean whole;

    /**
     * @param steady whether it is synced while it is written
     * @param outcome told once how it ended: with null when the file is in its place
     */
    RdbFile(Disk disk, Path target, boolean steady, NodeLog log, Consumer<Throwable> outcome) {
        this.disk = disk;
        this.target = target;
        temporary = target.resolveSibling("temp-" + ProcessHandle.current().pid() + ".rdb");
        syncBytes = steady ? SYNC_BYTES : 0;
        this.log = log;
        this.outcome = outcome;
    }

    @Override
    public void chunk(ByteBuf bytes) throws IOException {
        try {
            if (replacement == null) {
                replacement = new Replacement(disk, temporary, target, syncBytes);
            }
            replacement.write(bytes.nioBuffer());
        } finally {
            bytes.release();
        }
    }

    @Override
    public void done() throws IOException {
        whole = true;
        replacement.commit();
        replacement.close();
        log.notice("DB saved on disk");
        outcome.accept(null);
    }

    @Override
    public void failed(Throwable reason) {
        if (reason instanceof IOException failure) {
            log.warning(complaint(DiskReason.of(failure)));
        }
        try {
            if (replacement != null) {
                replacement.close();
            }
        } catch (IOException second) {
            log.warning("The temporary file " + temporary + " cannot be removed: " + DiskReason.of(second));
        }
        outcome.accept(reason);
    }

    private String complaint(String reason) {
        if (replacement == null) {
            return "Failed opening the temp RDB file " + temporary.getFileName() + " (in server root dir "
                    + temporary.getParent() + ") for saving: " + reason;
        }
        return whole
                ? "Error moving temp DB file " + temporary.getFileName() + " on the final destination "
                        + target.getFileName() + " (in server root dir " + target.getParent() + "): " + reason
                : "Write error while saving DB to the disk(" + temporary.getFileName() + "): " + reason;
    }
}
