package io.granary.tools.cluster;

import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A node of the cluster on this machine: a folder named by its port, with its configuration, its files, its log, and
 * the process id it was started with.
 */
public final class LocalNode {

    private static final int LOG_LINES_TO_SHOW = 5;
    private static final int ASK_TIMEOUT_MS = 2000;

    private final Path folder;
    private final Address address;

    LocalNode(Path data, int port) {
        this.folder = data.resolve(Integer.toString(port));
        this.address = Address.local(port);
    }

    public Address address() {
        return address;
    }

    public Path log() {
        return folder.resolve("granary.log");
    }

    Path configuration() {
        return folder.resolve("granary.conf");
    }

    private Path output() {
        return folder.resolve("output.log");
    }

    private ProcessRecord record() {
        return new ProcessRecord(folder.resolve("node.pid"));
    }

    /** The process that was started here, if it still runs. */
    public Optional<ProcessHandle> process() throws IOException {
        Optional<ProcessHandle> recorded = record().process();
        return recorded.isPresent() ? recorded : processBehindPort();
    }

    /** A node of this folder that was started by hand: it answers on the port and names our configuration file. */
    private Optional<ProcessHandle> processBehindPort() {
        try (Connection connection = Connection.open(address, ASK_TIMEOUT_MS)) {
            InfoText info = InfoText.parse(connection.text("INFO", "server"));
            boolean ours = info.text("config_file").equals(configuration().toRealPath().toString());
            return ours ? ProcessHandle.of(info.number("process_id")) : Optional.empty();
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
    }

    /**
     * Starts the node in a session of its own, so that it outlives the terminal. Its configuration is written once and
     * the user's from then on.
     */
    Process start(Path launcher) throws IOException {
        if (answers()) {
            throw new IOException("port " + address.port() + " is taken by another process");
        }
        Files.createDirectories(folder);
        if (!Files.exists(configuration())) {
            Files.writeString(configuration(), firstConfiguration());
        }
        List<String> words = new ArrayList<>(ownSession());
        words.addAll(List.of(launcher.toString(), configuration().getFileName().toString()));
        ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile())
                .redirectInput(new File("/dev/null")).redirectErrorStream(true).redirectOutput(output().toFile());
        builder.environment().put("GRANARY_NO_BUILD", "1");
        Process process = builder.start();
        record().write(process.toHandle());
        return process;
    }

    private String firstConfiguration() {
        return """
                # Made by `granary up`; yours to change. The node is started in this folder.
                port %d
                bind %s
                dir .
                logfile %s
                cluster-enabled yes
                cluster-config-file nodes.conf
                cluster-node-timeout 5000
                # The one replica of a primary need not wait for others to share its first copy.
                repl-diskless-sync-delay 0
                """.formatted(address.port(), address.host(), log().getFileName());
    }

    private static List<String> ownSession() {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "setsid")).filter(Files::isExecutable).findFirst()
                .map(setsid -> List.of(setsid.toString())).orElse(List.of("nohup"));
    }

    private boolean answers() throws IOException {
        try (Connection _ = Connection.open(address, ASK_TIMEOUT_MS)) {
            return true;
        } catch (ConnectException _) {
            return false;
        }
    }

    /** Whether the node serves: it may also listen and still be loading. */
    boolean ready() {
        try (Connection connection = Connection.open(address, ASK_TIMEOUT_MS)) {
            return connection.text("PING").equals("PONG");
        } catch (ErrorReply e) {
            return !e.getMessage().startsWith("LOADING");
        } catch (IOException _) {
            return false;
        }
    }

    /** The last words of a node that did not come up. */
    String lastWords() throws IOException {
        List<String> words = new ArrayList<>();
        for (Path file : List.of(output(), log())) {
            if (Files.exists(file)) {
                List<String> lines = Files.readAllLines(file);
                words.addAll(lines.subList(Math.max(0, lines.size() - LOG_LINES_TO_SHOW), lines.size()));
            }
        }
        return String.join(System.lineSeparator(), words);
    }

    void forgetProcess() throws IOException {
        record().delete();
    }

    void wipe() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
