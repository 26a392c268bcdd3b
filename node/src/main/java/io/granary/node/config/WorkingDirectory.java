package io.granary.node.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * The syntax of {@code dir}. redis-server changes into the folder; a JVM cannot, so the value is always the absolute path
 * that other paths are resolved against, and a relative one starts from the value in force.
 */
final class WorkingDirectory implements ValueSyntax {
    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        try {
            Path path = Path.of(Latin1.toUtf8(current)).resolve(Latin1.toUtf8(words.getFirst()));
            if (words.getFirst().isEmpty() || Files.notExists(path)) {
                throw new BadValueException("No such file or directory");
            }
            if (!Files.isDirectory(path)) {
                throw new BadValueException(Files.exists(path) ? "Not a directory" : "Permission denied");
            }
            if (!Files.isExecutable(path)) {
                throw new BadValueException("Permission denied");
            }
            return Latin1.ofUtf8(path.toRealPath().toString());
        } catch (IOException | InvalidPathException _) {
            throw new BadValueException("No such file or directory");
        }
    }

    @Override
    public String initial(String declared) {
        return Latin1.ofUtf8(Path.of("").toAbsolutePath().toString());
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        return List.of(new RewriteLine(directive.name() + ' ' + ConfigLine.quoted(value), true));
    }

    @Override
    public String shape() {
        return "an existing folder";
    }
}
