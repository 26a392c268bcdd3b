package io.granary.tools.trial;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.resp.Frame;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.io.OutputStream;
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
    private static final int REDIRECTIONS_MAX = 5;

    private RedisTools() {}

    /** Skips what needs redis-server and redis-cli where they are not there. */
    public static void assumeInstalled() {
        assumeTrue(areInstalled(), "redis-server is not installed");
    }

    private static boolean areInstalled() {
        return Stream.of("redis-server", "redis-cli").allMatch(program ->
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program))));
    }

    /** A key's value as the owner of its slot has it, null if there is none. */
    static String get(TrialCluster cluster, String key) throws IOException {
        Address at = cluster.primaries().getFirst().address();
        for (int i = 0; ; i++) {
            try (Connection connection = Connection.open(at, SECONDS_MAX * 1000)) {
                Frame value = connection.call("GET", key);
                return value instanceof Frame.Null ? null : value.text();
            } catch (ErrorReply refusal) {
                String[] words = refusal.getMessage().split(" ");
                if (!words[0].equals("MOVED") || i == REDIRECTIONS_MAX) {
                    throw refusal;
                }
                at = Address.parse(words[2]);
            }
        }
    }

    /** Begins to run redis-cli, which is told yes if it asks; what it prints goes to a file. */
    static Process start(Path out, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addFirst("redis-cli");
        Process process = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        try (OutputStream answers = process.getOutputStream()) {
            answers.write("yes\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException _) {
            // it has ended without a question
        }
        return process;
    }

    /** Runs redis-cli and returns all it prints, without colours; it must end well. */
    public static String cli(Path folder, String... arguments) throws IOException {
        return run(folder, true, arguments);
    }

    /** As {@link #cli}, however it ends. */
    static String printed(Path folder, String... arguments) throws IOException {
        return run(folder, false, arguments);
    }

    private static String run(Path folder, boolean well, String... arguments) throws IOException {
        Path out = Files.createTempFile(folder, "redis-cli", ".out");
        Process process = start(out, arguments);
        try {
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            int code = process.waitFor();
            String text = Files.readString(out, StandardCharsets.UTF_8).replaceAll("\u001b\\[[0-9;]*m", "");
            if (well && code != 0) {
                throw new IOException("redis-cli " + List.of(arguments) + " failed:\n" + text);
            }
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
