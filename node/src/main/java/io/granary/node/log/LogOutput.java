package io.granary.node.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where the lines go. A file is opened anew for each line, as redis-server does: whoever moves it away to rotate it needs
 * not tell the node. What cannot be written is lost; the node goes on.
 */
final class LogOutput {
    private final Path file;
    private final OutputStream stream;

    private LogOutput(Path file, OutputStream stream) {
        this.file = file;
        this.stream = stream;
    }

    static LogOutput to(Path file) {
        return new LogOutput(file, null);
    }

    static LogOutput to(OutputStream stream) {
        return new LogOutput(null, stream);
    }

    synchronized void write(byte[] lines) {
        try {
            if (file == null) {
                stream.write(lines);
                stream.flush();
                return;
            }
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                out.write(lines);
            }
        } catch (IOException _) {
            // There is nowhere left to say so.
        }
    }
}
