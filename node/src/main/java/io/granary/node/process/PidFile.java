package io.granary.node.process;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that tells others the process number of a node, as long as it runs. */
final class PidFile {
    /** Where it lies for a node in the background that names none. */
    private static final String USUAL = "/var/run/redis.pid";

    private final Path path;
    private final NodeLog log;

    private PidFile(Path path, NodeLog log) {
        this.path = path;
        this.log = log;
    }

    /** Writes the file if there is to be one. A node that cannot write it runs without. */
    static PidFile write(Configuration configuration, boolean background, NodeLog log) {
        Path named = configuration.path("pidfile");
        PidFile file = new PidFile(named == null && background ? Path.of(USUAL) : named, log);
        if (file.path != null) {
            try {
                Files.writeString(file.path, ProcessHandle.current().pid() + "\n");
            } catch (IOException failure) {
                log.warning("Failed to write PID file: " + failure);
            }
        }
        return file;
    }

    void remove() {
        if (path == null) {
            return;
        }
        log.notice("Removing the pid file.");
        try {
            Files.deleteIfExists(path);
        } catch (IOException failure) {
            log.warning("Failed to remove the PID file: " + failure);
        }
    }
}
