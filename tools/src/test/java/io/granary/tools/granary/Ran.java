package io.granary.tools.granary;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** What came of one run of the CLI. */
record Ran(int exit, String out, String err) {

    /** Runs a verb in this JVM. */
    static Ran granary(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = GranaryCli.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exit = line.execute(strings(words).toArray(String[]::new));
        return new Ran(exit, out.toString(), err.toString());
    }

    /** Starts a verb as a process of its own, which can be killed. */
    static Process start(Path folder, Object... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
                GranaryCli.class.getName()));
        command.addAll(strings(words));
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve("granary.log").toFile()).start();
    }

    private static List<String> strings(Object... words) {
        return List.of(words).stream().map(Object::toString).toList();
    }
}
