package io.granary.tools.docs;

import io.granary.tools.cluster.PortRange;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder, ports and programs in which commands of a page are run. Ports of the page from 7000 to 7019, and those of the
 * bus above them, stand for others that are free. What a command exports the later ones have. All processes that were begun
 * here end with it.
 */
final class Shell implements AutoCloseable {

    private static final int PORTS = 20;
    private static final int SECONDS_MAX = 180;
    private static final Pattern PORT = Pattern.compile("(?<![\\d.])(1?70[01]\\d)(?!\\d)");
    private static final int PAGE_PORT = 7000;
    private static final int BUS_OFFSET = 10_000;
    private static final String EXPORT = "export ";

    private final Path folder;
    private final Path programs;
    private final int firstPort;
    private final Map<String, String> exported = new HashMap<>();

    /** @param programs the folder of {@code granary} and {@code granary-server} */
    Shell(Path folder, Path programs) throws IOException {
        this.folder = folder;
        this.programs = programs;
        firstPort = PortRange.free(PORTS);
    }

    /** What a command did. */
    record Result(int status, String printed) {}

    /** The text of the page with the ports that are in use here. */
    String withPorts(String text) {
        return PORT.matcher(text).replaceAll(found -> {
            int port = Integer.parseInt(found.group(1));
            int offset = port >= BUS_OFFSET ? BUS_OFFSET : 0;
            return Integer.toString(firstPort + offset + port - offset - PAGE_PORT);
        });
    }

    void write(String path, String content) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, withPorts(content));
    }

    Result run(String command) throws IOException, InterruptedException {
        if (command.startsWith(EXPORT)) {
            String[] assignment = command.substring(EXPORT.length()).split("=", 2);
            exported.put(assignment[0], assignment[1]);
            return new Result(0, "");
        }
        Path out = Files.createTempFile("story", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder("bash", "-c", withPorts(command)).directory(folder.toFile())
                    .redirectInput(new File("/dev/null")).redirectErrorStream(true).redirectOutput(out.toFile());
            Map<String, String> environment = builder.environment();
            environment.put("PATH", programs + File.pathSeparator + environment.get("PATH"));
            environment.put("JAVA25_HOME", System.getProperty("java.home"));
            environment.put("JAVA_OPTS", "-XX:TieredStopAtLevel=1");
            environment.remove("JAVA_TOOL_OPTIONS");
            environment.putAll(exported);
            Process process = builder.start();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            return new Result(process.exitValue(), Files.readString(out).replaceAll("\u001b\\[[0-9;]*m", ""));
        } finally {
            Files.delete(out);
        }
    }

    /** Ends every process that works in this shell's folder. */
    @Override
    public void close() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            processes.filter(process -> process.getFileName().toString().matches("\\d+")).filter(this::isOurs)
                    .forEach(process -> ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                            .ifPresent(Shell::end));
        }
    }

    private static void end(ProcessHandle process) {
        process.destroyForcibly();
        process.onExit().orTimeout(SECONDS_MAX, TimeUnit.SECONDS).join();
    }

    private boolean isOurs(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).startsWith(folder.toRealPath());
        } catch (IOException _) {
            // it is another user's, or has just ended
            return false;
        }
    }
}
