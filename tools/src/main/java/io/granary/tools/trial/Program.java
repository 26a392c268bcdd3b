package io.granary.tools.trial;

import java.nio.file.Path;
import java.util.List;

/**
 * A server program that takes redis-server's arguments.
 *
 * @param name as the report has it
 * @param words the command line before the directives
 */
public record Program(String name, List<String> words) {

    public static final Program REDIS = new Program("redis-server", List.of("redis-server"));

    /** Our node, started by its launcher. */
    public static Program granary(Path launcher) {
        return new Program("granary", List.of(launcher.toString()));
    }
}
