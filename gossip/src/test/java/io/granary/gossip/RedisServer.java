package io.granary.gossip;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real redis-server in cluster mode; a test that needs one is skipped where there is none. */
public final class RedisServer implements AutoCloseable {

    private static final Path BINARY = Path.of("/usr/bin/redis-server");

    private final int port;
    private final Process process;

    /** The bus is 5000 above the port. */
    public RedisServer(int port, Path directory) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BINARY), "no redis-server here");
        this.port = port;
        this.process = new ProcessBuilder(List.of(
                        BINARY.toString(), "--port", String.valueOf(port), "--bind", "127.0.0.1",
                        "--cluster-enabled", "yes", "--cluster-port", String.valueOf(port + 5000),
                        "--cluster-node-timeout", "1000", "--save", "", "--daemonize", "no",
                        "--dir", directory.toString(), "--cluster-config-file", "nodes-" + port + ".conf"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("redis-" + port + ".log").toFile())
                .start();
        for (int tries = 0; tries < 1500; tries++) {
            try {
                ask("PING");
                return;
            } catch (IOException _) {
                assumeTrue(process.isAlive(), "redis-server does not start on port " + port);
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        throw new IOException("redis-server does not answer on port " + port);
    }

    public int port() {
        return port;
    }

    /** Sends one inline command and reads its reply: a simple one as it is, a bulk string's text. */
    public String ask(String command) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            String first = in.readLine();
            if (first == null || !first.startsWith("$")) {
                return String.valueOf(first);
            }
            char[] text = new char[Integer.parseInt(first.substring(1))];
            for (int read = 0; read < text.length; ) {
                read += in.read(text, read, text.length - read);
            }
            return new String(text);
        }
    }

    /** Kills the process at once. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
