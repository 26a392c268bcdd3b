package io.granary.tools.docs;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The real launchers over the classes under test: laid out as the distribution is, with one jar that names all others. */
final class TestDistribution {

    private TestDistribution() {}

    /** Lays it out; returns its bin folder. */
    static Path in(Path folder, Path repository) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        try (Stream<Path> launchers = Files.list(repository.resolve("bin"))) {
            for (Path launcher : launchers.toList()) {
                Path copy = Files.copy(launcher, bin.resolve(launcher.getFileName()));
                if (!copy.toFile().setExecutable(true)) {
                    throw new IOException("cannot make " + copy + " executable");
                }
            }
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
        Path jar = Files.createDirectories(folder.resolve("lib/tools")).resolveSibling("all.jar");
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, manifest).close();
        }
        return bin;
    }

    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toUri().toString()).collect(Collectors.joining(" "));
    }
}
