package io.granary.tools.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The file that remembers which process was started: its id and when it began. Process ids are used again, so the
 * beginning is compared before a process is taken for ours, let alone signalled.
 */
final class ProcessRecord {

    /** The system tells a process's beginning in coarse ticks from a boot time that may be corrected by a second. */
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private final Path file;

    ProcessRecord(Path file) {
        this.file = file;
    }

    void write(ProcessHandle process) throws IOException {
        Files.writeString(file, process.pid() + " " + process.info().startInstant().orElse(Instant.EPOCH) + "\n");
    }

    /** The recorded process if it still runs. */
    Optional<ProcessHandle> process() throws IOException {
        String[] words;
        try {
            words = Files.readString(file).strip().split(" ");
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
        if (words.length != 2 || !words[0].matches("\\d+")) {
            throw new IOException(file + " does not hold a process id");
        }
        Instant began = Instant.parse(words[1]);
        return ProcessHandle.of(Long.parseLong(words[0])).filter(ProcessHandle::isAlive)
                .filter(process -> process.info().startInstant()
                        .map(instant -> Duration.between(began, instant).abs().compareTo(TOLERANCE) <= 0).orElse(false));
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
