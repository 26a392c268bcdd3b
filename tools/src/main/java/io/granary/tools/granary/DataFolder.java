package io.granary.tools.granary;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names where the local cluster keeps its files. */
final class DataFolder {

    @Option(names = "--data", paramLabel = "FOLDER",
            description = "where the nodes keep their files (default: data/ beside bin/)")
    private Path folder;

    Path path() {
        Path home = Path.of(System.getProperty("granary.home", "."));
        return (folder != null ? folder : home.resolve("data")).toAbsolutePath().normalize();
    }
}
