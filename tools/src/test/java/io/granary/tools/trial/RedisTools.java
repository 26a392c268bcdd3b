package io.granary.tools.trial;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real redis-cli. */
public final class RedisTools {

    private static final int SECONDS_MAX = 120;

    private RedisTools() {}

    public static boolean areInstalled() {
        return Stream.of("redis-server", "redis-cli").allMatch(program ->
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program))));
    }

    /** Runs redis-cli and returns all it prints, without colours; it must end well. */
    public static String cli(Path folder, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addFirst("redis-cli");
        Path out = Files.createTempFile(folder, "redis-cli", ".out");
        Process process = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        process.getOutputStream().close();
        try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            String printed = Files.readString(out, StandardCharsets.UTF_8).replaceAll("\u001b\\[[0-9;]*m", "");
            if (process.waitFor() != 0) {
                throw new IOException(words + " failed:\n" + printed);
            }
            return printed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
