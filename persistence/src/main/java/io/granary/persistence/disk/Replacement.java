package io.granary.persistence.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file on its way to take the place of another: written under a temporary name, synced, renamed over the other, and the
 * directory synced. At every moment, also after a crash, the other is the old file or the whole new one. What was not
 * committed is deleted on closing.
 *
 * <p>A large file is best synced while it is written, every few megabytes: the one sync at the end would have the whole
 * of it to wait for, and everybody else who writes to the disk meanwhile, too.
 */
public final class Replacement implements AutoCloseable {

    private final Disk disk;
    private final Path temporary;
    private final Path target;
    private final long syncBytes;
    private final Disk.OpenFile file;
    private long unsynced;
    private long bytes;
    private boolean open = true;
    private boolean moved;

    /**
     * Begins with an empty file.
     *
     * @param temporary in the same directory as {@code target}
     * @param syncBytes what is written between two syncs, in bytes; 0 to sync only at the end
     */
    public Replacement(Disk disk, Path temporary, Path target, long syncBytes) throws IOException {
        this.disk = disk;
        this.temporary = temporary.toAbsolutePath();
        this.target = target.toAbsolutePath();
        this.syncBytes = syncBytes;
        file = disk.create(this.temporary);
    }

    /** Appends all of the bytes. */
    public void write(ByteBuffer content) throws IOException {
        while (content.hasRemaining()) {
            int written = file.write(content);
            bytes += written;
            unsynced += written;
        }
        if (syncBytes > 0 && unsynced >= syncBytes) {
            file.sync();
            unsynced = 0;
        }
    }

    /** How much was written. */
    public long bytes() {
        return bytes;
    }

    /** Puts the file in its place; durable when it returns. After a failure the old file or the new one is there. */
    public void commit() throws IOException {
        file.sync();
        open = false;
        file.close();
        disk.move(temporary, target);
        moved = true;
        disk.syncDirectory(target.getParent());
    }

    /** Deletes the file unless it is in its place. */
    @Override
    public void close() throws IOException {
        try {
            if (open) {
                open = false;
                file.close();
            }
        } finally {
            if (!moved) {
                moved = true;
                disk.delete(temporary);
            }
        }
    }
}
