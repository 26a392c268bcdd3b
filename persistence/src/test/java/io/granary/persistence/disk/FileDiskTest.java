package io.granary.persistence.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real file system through the seam. */
final class FileDiskTest {

    @TempDir
    Path directory;

    private final Disk disk = new FileDisk();

    @Test
    void aReplacedFileIsReadBackAndLeavesNoTemporaryFile() throws IOException {
        AtomicFile file = new AtomicFile(disk, directory.resolve("nodes.conf"));
        file.replace("first, and longer".getBytes(StandardCharsets.US_ASCII));
        file.replace("second".getBytes(StandardCharsets.US_ASCII));
        assertThat(disk.read(file.file())).asString().isEqualTo("second");
        assertThat(disk.read(file.copy())).asString().isEqualTo("second");
        assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aMissingFileIsSaidToBeMissing() {
        assertThat(disk.exists(directory.resolve("none"))).isFalse();
        assertThatThrownBy(() -> disk.read(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aDirectoryThatCannotBeWrittenFailsAndKeepsTheOldContent() throws IOException {
        Path gone = directory.resolve("gone");
        Files.createDirectory(gone);
        AtomicFile file = new AtomicFile(disk, gone.resolve("nodes.conf"));
        file.replace("kept".getBytes(StandardCharsets.US_ASCII));
        Path moved = Files.move(gone, directory.resolve("moved"));
        assertThatThrownBy(() -> file.replace("lost".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(IOException.class);
        assertThat(disk.read(moved.resolve("nodes.conf"))).asString().isEqualTo("kept");
    }

    @Test
    void aLockIsHeldByOneUntilItIsClosed() throws IOException {
        Path file = directory.resolve("nodes.conf.lock");
        Optional<Closeable> first = disk.tryLock(file);
        assertThat(first).isPresent();
        assertThat(disk.tryLock(file)).isEmpty();
        first.get().close();
        Optional<Closeable> second = disk.tryLock(file);
        assertThat(second).isPresent();
        second.get().close();
    }
}
