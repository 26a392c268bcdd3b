package io.granary.persistence.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replaced file is the old one or the new one, whenever the power fails. */
class ReplacementTest {

    private static final Path TARGET = Path.of("/data/dump.rdb");
    private static final Path TEMPORARY = Path.of("/data/temp-1.rdb");
    private static final int OPERATIONS_MAX = 40;
    private static final List<String> PARTS = List.of("one ", "two ", "three ", "four ");

    private static void replace(Disk disk, Path temporary, Path target, long syncBytes) throws IOException {
        try (Replacement replacement = new Replacement(disk, temporary, target, syncBytes)) {
            for (String part : PARTS) {
                replacement.write(ByteBuffer.wrap(part.getBytes()));
            }
            replacement.commit();
        }
    }

    @ParameterizedTest
    @EnumSource
    void itIsTheOldOneOrTheNewOneWheneverThePowerFails(TornDisk.Unsynced unsynced) throws IOException {
        boolean succeeded = false;
        for (int operations = 0; operations < OPERATIONS_MAX && !succeeded; operations++) {
            TornDisk disk = new TornDisk(unsynced);
            disk.write(TARGET, "old".getBytes());
            disk.sync(TARGET);
            disk.syncDirectory(TARGET.getParent());
            disk.failAfter(operations);
            try {
                replace(disk, TEMPORARY, TARGET, 5);
                succeeded = true;
            } catch (IOException failure) {
                assertThat(failure).hasMessage("no power");
            }
            disk.restart();
            String content = new String(disk.read(TARGET));
            if (succeeded) {
                assertThat(content).isEqualTo("one two three four ");
            } else {
                assertThat(content).as("power fails after %d operations", operations).isIn("old", "one two three four ");
            }
        }
        assertThat(succeeded).isTrue();
    }

    @Test
    void whatWasNotCommittedLeavesNothingBehind(@TempDir Path folder) throws IOException {
        Path target = Files.writeString(folder.resolve("dump.rdb"), "old");
        try (Replacement replacement = new Replacement(new FileDisk(), folder.resolve("temp"), target, 0)) {
            replacement.write(ByteBuffer.wrap(new byte[100]));
            assertThat(replacement.bytes()).isEqualTo(100);
        }
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
        assertThat(target).hasContent("old");
    }

    @Test
    void aFileOfTheMachineIsReplaced(@TempDir Path folder) throws IOException {
        Path target = Files.writeString(folder.resolve("dump.rdb"), "old");
        replace(new FileDisk(), folder.resolve("temp"), target, 6);
        assertThat(target).hasContent("one two three four ");
        assertThat(folder.resolve("temp")).doesNotExist();
    }

    @Test
    void aFolderInTheWayIsReported(@TempDir Path folder) throws IOException {
        Path target = Files.createDirectories(folder.resolve("dump.rdb").resolve("full")).getParent();
        assertThatThrownBy(() -> replace(new FileDisk(), folder.resolve("temp"), target, 0)).isInstanceOf(IOException.class);
        assertThat(folder.resolve("temp")).doesNotExist();
    }
}
