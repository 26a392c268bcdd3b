package io.granary.node.config;

import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.RequestEncoder;
import io.granary.slots.transcript.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The redis-server of this machine: started for a test with its files in a given folder, or run to see it refuse. */
final class RedisServer implements AutoCloseable {
    private static final int WAIT_MS_MAX = 30_000;

    /** What a run left behind. */
    record Run(int status, String errors) { }

    private final Process process;
    private Socket socket;
    private final FrameDecoder decoder = new FrameDecoder();

    private RedisServer(Process process) {
        this.process = process;
    }

    static boolean isInstalled() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "redis-server")));
    }

    /** Runs redis-server with arguments that it refuses. */
    static Run refusing(Path folder, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(arguments);
        command.addFirst("redis-server");
        Path errors = folder.resolve("stderr");
        Process process = new ProcessBuilder(command).directory(folder.toFile())
                .redirectOutput(folder.resolve("stdout").toFile()).redirectError(errors.toFile()).start();
        try {
            if (!process.waitFor(WAIT_MS_MAX, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("redis-server accepted " + arguments);
            }
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(errors, StandardCharsets.ISO_8859_1));
    }

    /** Starts redis-server with a configuration file, and connects to the port that is added to its arguments. */
    static RedisServer start(Path folder, Path file, String... arguments) throws IOException {
        int port = FreePorts.next();
        List<String> command = new ArrayList<>(List.of("redis-server", file.toString(), "--bind", "127.0.0.1", "--port",
                Integer.toString(port)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()).start();
        RedisServer server = new RedisServer(process);
        server.connect(port);
        return server;
    }

    private void connect(int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MS_MAX);
        while (true) {
            try {
                socket = new Socket();
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), WAIT_MS_MAX);
                socket.setSoTimeout(WAIT_MS_MAX);
                return;
            } catch (IOException refused) {
                socket.close();
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    process.destroyForcibly();
                    throw refused;
                }
                Thread.onSpinWait();
            }
        }
    }

    Frame ask(String... words) {
        try {
            socket.getOutputStream().write(RequestEncoder.encode(words));
            byte[] buffer = new byte[64 * 1024];
            Frame reply = decoder.next();
            while (reply == null) {
                int read = socket.getInputStream().read(buffer);
                if (read < 0) {
                    throw new IOException("redis-server closed the connection");
                }
                decoder.feed(buffer, 0, read);
                reply = decoder.next();
            }
            return reply;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
