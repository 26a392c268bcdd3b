package io.granary.tools.trial;

import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.InfoText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A node as a process of its own, which can be killed, paused, and started again in its folder. */
public final class TrialNode {

    private static final int ASK_TIMEOUT_MS = 2000;
    private static final int SIGNAL_SECONDS = 10;
    private static final int STOP_SECONDS = 30;
    private static final int LAST_WORDS = 12;

    private final Program program;
    private final Address address;
    private final Path folder;
    private final List<String> directives;
    private Process process;

    public TrialNode(Program program, int port, Path folder, List<String> directives) {
        this.program = program;
        this.address = Address.local(port);
        this.folder = folder;
        this.directives = directives;
    }

    public Address address() {
        return address;
    }

    public Program program() {
        return program;
    }

    /** What the process has printed and logged. */
    public Path log() {
        return folder.resolve("log");
    }

    public void start() throws IOException {
        Files.createDirectories(folder);
        List<String> words = new ArrayList<>(program.words());
        words.addAll(List.of("--port", Integer.toString(address.port()), "--bind", address.host(), "--dir",
                folder.toString()));
        words.addAll(directives);
        process = new ProcessBuilder(words).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile())).start();
        process.getOutputStream().close();
    }

    public boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** As {@code kill -9}. */
    public void kill() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }

    /** As SIGTERM: the process ends by itself, with a snapshot where save points are set. */
    public void stop() throws IOException {
        process.destroy();
        TrialCluster.require(Deadline.inSeconds(STOP_SECONDS).await(() -> !isRunning()),
                this + " does not end; " + lastWords());
    }

    /** Removes the file of a snapshot, if there is one; true if there was. */
    public boolean forget() throws IOException {
        return Files.deleteIfExists(folder.resolve("dump.rdb"));
    }

    /** The end of the log. */
    String lastWords() throws IOException {
        List<String> lines = Files.exists(log()) ? Files.readAllLines(log(), StandardCharsets.ISO_8859_1) : List.of();
        return log() + ":\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_WORDS), lines.size()));
    }

    /** As {@code kill -STOP}: the process stands still, its sockets stay open. */
    public void pause() throws IOException {
        signal("STOP");
        TrialCluster.require(Deadline.inSeconds(SIGNAL_SECONDS).await(this::standsStill), this + " does not stand still");
    }

    /** A busy machine may let threads go on for a while after the signal. Where there is no /proc, it is taken on trust. */
    private boolean standsStill() throws IOException {
        Path tasks = Path.of("/proc", Long.toString(process.pid()), "task");
        if (!Files.isDirectory(tasks)) {
            return true;
        }
        try (Stream<Path> threads = Files.list(tasks)) {
            for (Path thread : threads.toList()) {
                String status = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
                if (status.charAt(status.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        } catch (NoSuchFileException _) {
            return false;   // a thread that ended meanwhile
        }
    }

    /** As {@code kill -CONT}. */
    public void resume() throws IOException {
        signal("CONT");
    }

    private void signal(String name) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .redirectErrorStream(true).start();
        try {
            if (!kill.waitFor(SIGNAL_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("kill -" + name + " does not end");
            }
            if (kill.exitValue() != 0) {
                String reason = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                throw new IOException("kill -" + name + " failed: " + reason);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            kill.destroyForcibly();
        }
    }

    long pid() {
        return process.pid();
    }

    /** Asks one question on a connection of its own. */
    public String ask(Object... words) throws IOException {
        try (Connection connection = connect()) {
            return connection.text(words);
        }
    }

    public boolean answers() {
        try {
            return ask("PING").equals("PONG");
        } catch (IOException _) {
            return false;
        }
    }

    /** One section of INFO. */
    public InfoText info(String section) throws IOException {
        return InfoText.parse(ask("INFO", section));
    }

    Path folder() {
        return folder;
    }

    Connection connect() throws IOException {
        return Connection.open(address, ASK_TIMEOUT_MS);
    }

    @Override
    public String toString() {
        return program.name() + " " + address;
    }
}
