package io.granary.node.replication;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Whatever passes for a primary: it says what a test wants it to say, right or wrong. */
final class ScriptedPrimary implements AutoCloseable {

    static final String ID = "0123456789abcdef0123456789abcdef01234567";

    /** What happens on each connection. */
    interface Script {
        void play(Dialogue dialogue) throws IOException;
    }

    private final ServerSocket socket;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile Script script;

    ScriptedPrimary(Script script) {
        this.script = script;
        try {
            socket = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    /** What happens on the connections that follow. */
    void script(Script next) {
        script = next;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket replica = socket.accept();
                open.add(replica);
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> play(replica));
            } catch (IOException _) {
                // the test is over
            }
        }
    }

    private void play(Socket replica) {
        try (replica) {
            script.play(new Dialogue(replica));
        } catch (IOException _) {
            // the replica has gone
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
            for (Socket each : open) {
                each.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One connection of a replica. */
    static final class Dialogue {

        private final InputStream in;
        private final OutputStream out;

        Dialogue(Socket socket) throws IOException {
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        Dialogue say(String text) throws IOException {
            return say(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        Dialogue say(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
            return this;
        }

        /** Answers as a primary does until the replica asks for synchronization; returns that request. */
        List<String> untilPsync() throws IOException {
            while (true) {
                List<String> request = request();
                switch (request.getFirst()) {
                    case "PING" -> say("+PONG\r\n");
                    case "REPLCONF" -> say("+OK\r\n");
                    default -> {
                        return request;
                    }
                }
            }
        }

        /** The next acknowledgement's offset. */
        long acknowledged() throws IOException {
            while (true) {
                List<String> request = request();
                if (request.getFirst().equals("REPLCONF") && request.get(1).equals("ACK")) {
                    return Long.parseLong(request.get(2));
                }
            }
        }

        /** Reads what comes until the replica closes the connection. */
        void listen() throws IOException {
            in.skip(Long.MAX_VALUE);
            while (in.read() >= 0) {
                in.skip(Long.MAX_VALUE);
            }
        }

        private List<String> request() throws IOException {
            String head = line();
            while (head.isEmpty()) {
                head = line();
            }
            List<String> words = new ArrayList<>();
            for (int count = Integer.parseInt(head.substring(1)); count > 0; count--) {
                byte[] word = in.readNBytes(Integer.parseInt(line().substring(1)));
                words.add(new String(word, StandardCharsets.ISO_8859_1));
                line();
            }
            return words;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new IOException("the replica has gone");
                }
                if (b != '\r') {
                    line.append((char) b);
                }
            }
            return line.toString();
        }
    }
}
