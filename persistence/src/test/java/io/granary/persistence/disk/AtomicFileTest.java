package io.granary.persistence.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is left of a file after the power failed in any step of its replacement. */
final class AtomicFileTest {

    private static final Path FILE = Path.of("/data/nodes.conf");
    private static final int OPERATIONS_OF_A_REPLACEMENT = 8;

    @ParameterizedTest
    @EnumSource(TornDisk.Unsynced.class)
    void aPowerCutLeavesTheOldContentOrTheNewOne(TornDisk.Unsynced unsynced) throws IOException {
        for (int operations = 0; operations < OPERATIONS_OF_A_REPLACEMENT; operations++) {
            TornDisk disk = new TornDisk(unsynced);
            AtomicFile file = new AtomicFile(disk, FILE);
            file.replace(bytes("old content"));
            disk.failAfter(operations);
            assertThatThrownBy(() -> file.replace(bytes("new content"))).isInstanceOf(IOException.class);
            disk.restart();
            assertThat(text(disk, file.file())).as("after %d operations", operations).isIn("old content", "new content");
            assertThat(text(disk, file.copy())).as("after %d operations", operations).isIn("old content", "new content");
        }
    }

    @ParameterizedTest
    @EnumSource(TornDisk.Unsynced.class)
    void aReplacementThatReturnedIsDurableTwice(TornDisk.Unsynced unsynced) throws IOException {
        TornDisk disk = new TornDisk(unsynced);
        AtomicFile file = new AtomicFile(disk, FILE);
        file.replace(bytes("old content"));
        disk.failAfter(OPERATIONS_OF_A_REPLACEMENT);
        file.replace(bytes("new content"));
        disk.restart();
        assertThat(text(disk, file.file())).isEqualTo("new content");
        assertThat(text(disk, file.copy())).isEqualTo("new content");
    }

    @Test
    void theFileIsNeverOlderThanItsCopy() throws IOException {
        for (int operations = 0; operations < OPERATIONS_OF_A_REPLACEMENT; operations++) {
            TornDisk disk = new TornDisk(TornDisk.Unsynced.LOST);
            AtomicFile file = new AtomicFile(disk, FILE);
            file.replace(bytes("1"));
            disk.failAfter(operations);
            assertThatThrownBy(() -> file.replace(bytes("2"))).isInstanceOf(IOException.class);
            disk.restart();
            assertThat(text(disk, file.file())).isGreaterThanOrEqualTo(text(disk, file.copy()));
        }
    }

    @ParameterizedTest
    @EnumSource(TornDisk.Unsynced.class)
    void whatIsOnlyWrittenOutlivesTheProcessAndCostsNothingThatWasReplaced(TornDisk.Unsynced unsynced) throws IOException {
        for (int operations = 0; operations <= OPERATIONS_OF_A_REPLACEMENT; operations++) {
            TornDisk disk = new TornDisk(unsynced);
            AtomicFile file = new AtomicFile(disk, FILE);
            file.replace(bytes("promised"));
            file.write(bytes("written"));
            assertThat(text(disk, file.file())).isEqualTo("written");
            disk.failAfter(operations);
            try {
                file.replace(bytes("promised later"));
            } catch (IOException cut) {
                assertThat(operations).isLessThan(OPERATIONS_OF_A_REPLACEMENT);
            }
            disk.restart();
            assertThat(List.of(text(disk, file.file()), text(disk, file.copy()))).as("after %d operations", operations)
                    .containsAnyOf("promised", "promised later");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(Disk disk, Path file) throws IOException {
        return new String(disk.read(file), StandardCharsets.US_ASCII);
    }
}
