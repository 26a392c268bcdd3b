package io.granary.tools.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A launcher of nodes from the classes under test, in place of the distribution's {@code bin/granary-server}. */
public final class TestLauncher {

    private TestLauncher() {}

    /** Writes the script into a folder. */
    public static Path writeTo(Path folder) throws IOException {
        Path launcher = folder.resolve("granary-server");
        Files.writeString(launcher, """
                #!/bin/sh
                exec "%s/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m --enable-native-access=ALL-UNNAMED \\
                    --sun-misc-unsafe-memory-access=allow --add-opens=java.base/java.nio=ALL-UNNAMED \\
                    -cp '%s' io.granary.node.Main "$@"
                """.formatted(System.getProperty("java.home"), System.getProperty("java.class.path")));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        return launcher;
    }
}
