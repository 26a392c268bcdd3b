package io.granary.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessRecordTest {

    private final ProcessHandle self = ProcessHandle.current();

    @TempDir
    private Path folder;

    @Test
    void aProcessThatRunsIsFoundAgain() throws IOException {
        ProcessRecord record = new ProcessRecord(folder.resolve("pid"));
        record.write(self);

        assertThat(record.process()).contains(self);
    }

    @Test
    void aProcessThatOnlyHasTheIdIsNotOurs() throws IOException {
        Instant began = self.info().startInstant().orElseThrow().minus(Duration.ofMinutes(1));
        Files.writeString(folder.resolve("pid"), self.pid() + " " + began);

        assertThat(new ProcessRecord(folder.resolve("pid")).process()).isEmpty();
    }

    @Test
    void noFileIsNoProcess() throws IOException {
        assertThat(new ProcessRecord(folder.resolve("pid")).process()).isEmpty();
    }

    @Test
    void aFileOfAnotherKindIsRefused() throws IOException {
        Files.writeString(folder.resolve("pid"), "something else");

        assertThatThrownBy(() -> new ProcessRecord(folder.resolve("pid")).process()).isInstanceOf(IOException.class);
    }
}
