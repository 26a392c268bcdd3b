package io.granary.node.replication.replicas;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A replica made of a socket: it says and reads what a test has it say and read. */
final class TestReplica implements AutoCloseable {

    private static final int REPLY_MS_MAX = 30_000;

    private final Socket socket;
    private static final String PING = request("PING");

    private final InputStream in;

    private TestReplica(Socket socket) throws IOException {
        this.socket = socket;
        in = new BufferedInputStream(socket.getInputStream());
    }

    static TestReplica to(int port) {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(REPLY_MS_MAX);
            return new TestReplica(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a replica made of these words would read. */
    static String request(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }

    TestReplica send(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TestReplica say(String... words) {
        return send(request(words));
    }

    /** Says something, and returns the line that answers it. */
    String ask(String... words) {
        return say(words).line();
    }

    /** Makes itself known as one that can all that replicas of today can. */
    TestReplica introduced() {
        ask("REPLCONF", "listening-port", "4711");
        ask("REPLCONF", "capa", "eof", "capa", "psync2");
        return this;
    }

    private int next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new IOException("the connection was closed");
        }
        return next;
    }

    /** The next line that is not empty: lines that are keep a replica waiting. */
    String line() {
        try {
            StringBuilder line = new StringBuilder();
            while (true) {
                int next = next();
                if (next != '\n') {
                    line.append((char) next);
                } else if (!line.isEmpty()) {
                    return line.substring(0, line.length() - 1);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String read(int bytes) {
        try {
            byte[] read = in.readNBytes(bytes);
            if (read.length < bytes) {
                throw new IOException("the connection was closed after " + read.length + " of " + bytes + " bytes");
            }
            return new String(read, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The snapshot that comes now, in whatever form. */
    String snapshot() {
        String head = line();
        return head.startsWith("$EOF:") ? until(head.substring(5)) : read(Integer.parseInt(head.substring(1)));
    }

    private String until(String mark) {
        try {
            byte[] end = mark.getBytes(StandardCharsets.ISO_8859_1);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            while (true) {
                bytes.write(next());
                byte[] all = bytes.size() < end.length ? new byte[0] : bytes.toByteArray();
                if (all.length > 0 && Arrays.equals(all, all.length - end.length, all.length, end, 0, end.length)) {
                    return new String(all, 0, all.length - end.length, StandardCharsets.ISO_8859_1);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads to the end of the connection, and fails if it has none; what the primary says only to be heard is left out. */
    String rest() {
        try {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).replace(PING, "");
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the connection stays open", e);
        } catch (IOException _) {
            return "";
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
