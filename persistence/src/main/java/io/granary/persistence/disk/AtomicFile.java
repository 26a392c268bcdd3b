package io.granary.persistence.disk;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A small file that is replaced as a whole and kept twice, so that after a crash at any moment it holds the old content or
 * the new one, and damage to one of the two leaves the other.
 *
 * <p>A replacement writes a temporary file, syncs it, renames it over the file and syncs the directory; only then is the
 * same done for the copy. Three things follow. The file itself is never missing and never in part. The copy is as new as
 * the file except after a crash between the two renames, and then the replacement had not been reported as done, so
 * nobody has acted on it. And whoever finds the file damaged loses nothing by taking the copy.
 *
 * <p>What changes often and may be forgotten with the machine is {@linkplain #write written} without waiting for the disk. A
 * process that dies leaves it behind, a power cut may leave the file as it was before or in ruins: then the copy has what
 * was replaced last.
 *
 * <p>A file that is missing while its copy is there was removed on purpose: that is how operators make a node forget.
 */
public final class AtomicFile {

    private final Disk disk;
    private final Path file;
    private final Path copy;

    public AtomicFile(Disk disk, Path file) {
        this.disk = disk;
        this.file = file.toAbsolutePath();
        this.copy = this.file.resolveSibling(file.getFileName() + ".bak");
    }

    public Path file() {
        return file;
    }

    /** Where the second copy lies. */
    public Path copy() {
        return copy;
    }

    /** Replaces the content; durable when it returns. After a failure the old content or the new one is there. */
    public void replace(byte[] content) throws IOException {
        replace(file, content);
        replace(copy, content);
    }

    /**
     * Replaces the file but not its copy; it is durable when the content is {@linkplain #replace replaced} the next time.
     */
    public void write(byte[] content) throws IOException {
        put(file, content, false);
    }

    private void replace(Path target, byte[] content) throws IOException {
        put(target, content, true);
        disk.syncDirectory(target.getParent());
    }

    private void put(Path target, byte[] content, boolean synced) throws IOException {
        Path next = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            disk.write(next, content);
            if (synced) {
                disk.sync(next);
            }
            disk.move(next, target);
        } catch (IOException failure) {
            try {
                disk.delete(next);
            } catch (IOException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }
}
