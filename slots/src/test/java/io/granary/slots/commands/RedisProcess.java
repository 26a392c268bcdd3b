package io.granary.slots.commands;

import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.RequestEncoder;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real redis-server of this machine with one connection to it: the oracle that tests ask. */
final class RedisProcess implements AutoCloseable {

    static final String WHY_SKIPPED = "redis-server is not installed (Debian: apt-get install redis-server)";

    private static final int ANSWER_WITHIN_MS = 10_000;

    private final Path directory;
    private final Process process;
    private final Socket socket;
    private final FrameDecoder decoder = new FrameDecoder();
    private final byte[] received = new byte[64 * 1024];

    /** Whether this machine has one. */
    static boolean installed() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "redis-server")));
    }

    /** Starts the server with these arguments on a free port. */
    RedisProcess(String... arguments) throws IOException {
        directory = Files.createTempDirectory("redis-oracle");
        int port = freePort();
        String[] command = Stream.concat(
                Stream.of("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "", "--dir",
                        directory.toString()),
                Arrays.stream(arguments)).toArray(String[]::new);
        process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile()).start();
        socket = connect(port);
        socket.setSoTimeout(ANSWER_WITHIN_MS);
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private Socket connect(int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWER_WITHIN_MS);
        while (true) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException refused) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    close();
                    throw refused;
                }
                Thread.onSpinWait();
            }
        }
    }

    /** Sends a command and waits for its answer. */
    Frame ask(String... command) {
        try {
            socket.getOutputStream().write(RequestEncoder.encode(command));
            InputStream in = socket.getInputStream();
            Frame answer = decoder.next();
            while (answer == null) {
                int count = in.read(received);
                if (count < 0) {
                    throw new IOException("redis-server closed the connection");
                }
                decoder.feed(received, 0, count);
                answer = decoder.next();
            }
            return answer;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
        }
        process.destroyForcibly().onExit().join();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }
}
