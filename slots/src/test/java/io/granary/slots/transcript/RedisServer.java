package io.granary.slots.transcript;

import io.granary.resp.CliText;
import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.RequestEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A redis-server of its own, started for a test, and a connection to it. */
public final class RedisServer implements Conversation {

    private static final long START_MS_MAX = 10_000;
    private static final int REPLY_MS_MAX = 30_000;

    private final Process process;
    private final Path folder;
    private Socket socket;
    private FrameDecoder decoder;
    private String version;

    private RedisServer(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
    }

    /** Whether a redis-server is on the PATH. */
    public static boolean isInstalled() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, "redis-server")));
    }

    /** Starts a server on a free port with nothing on disk; further arguments are its directives. */
    public static RedisServer start(String... directives) {
        try {
            Path folder = Files.createTempDirectory("granary-redis-server");
            int port = freePort();
            List<String> command = new ArrayList<>(List.of(
                    "redis-server", "--bind", "127.0.0.1", "--port", Integer.toString(port), "--dir", folder.toString(),
                    "--save", "", "--appendonly", "no", "--daemonize", "no", "--enable-debug-command", "yes"));
            command.addAll(List.of(directives));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            RedisServer server = new RedisServer(process, folder);
            server.connect(port);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        // The bus of a clustered server takes the port 10000 above, which has to exist.
        while (true) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (socket.getLocalPort() < 55_000) {
                    return socket.getLocalPort();
                }
            }
        }
    }

    private void connect(int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MS_MAX);
        while (true) {
            Socket attempt = new Socket();
            try {
                attempt.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), REPLY_MS_MAX);
                attempt.setSoTimeout(REPLY_MS_MAX);
                attempt.setTcpNoDelay(true);
                socket = attempt;
                decoder = new FrameDecoder();
                version = readVersion();
                // Only what a request touches may expire, so that replies do not depend on time.
                ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
                return;
            } catch (IOException e) {
                attempt.close();
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    close();
                    throw new IOException("redis-server did not start", e);
                }
                Thread.onSpinWait();
            }
        }
    }

    private String readVersion() {
        String info = ask("INFO", "server").text();
        String full = info.lines().filter(line -> line.startsWith("redis_version:")).findFirst().orElseThrow();
        String[] numbers = full.substring("redis_version:".length()).strip().split("\\.");
        return numbers[0] + "." + numbers[1];
    }

    /** Claims all slots of a clustered server and waits until it serves them. */
    public RedisServer serveAllSlots() {
        ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MS_MAX);
        while (!ask("CLUSTER", "INFO").text().contains("cluster_state:ok")) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("redis-server does not serve its slots");
            }
        }
        return this;
    }

    /** Sends a request of texts, one byte a character. */
    public Frame ask(String... arguments) {
        return exchange(RequestEncoder.encode(arguments));
    }

    @Override
    public Frame ask(List<byte[]> arguments) {
        return exchange(RequestEncoder.encode(arguments.toArray(byte[][]::new)));
    }

    private Frame exchange(byte[] request) {
        try {
            socket.getOutputStream().write(request);
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[16 * 1024];
            Frame reply = decoder.next();
            while (reply == null) {
                int read = in.read(buffer);
                if (read < 0) {
                    throw new IOException("redis-server closed the connection");
                }
                decoder.feed(buffer, 0, read);
                reply = decoder.next();
            }
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void resp3(boolean on) {
        ask("HELLO", on ? "3" : "2");
    }

    @Override
    public void configure(String directive, String value) {
        Frame reply = ask("CONFIG", "SET", directive, value);
        if (reply.isError()) {
            throw new IllegalStateException("CONFIG SET " + directive + " " + value + ": " + CliText.of(reply));
        }
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public boolean isGranary() {
        return false;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (socket != null) {
                socket.close();
            }
            process.waitFor();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
