package io.granary.slots.transcript;

import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.RequestEncoder;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A replica that keeps no data: it follows a server, passes over the snapshot and listens to the stream of what changes.
 */
public final class ReplicaStream implements AutoCloseable {

    private static final int WAIT_MS_MAX = 30_000;
    /** A primary sends nothing before it was acknowledged once that the snapshot has arrived, and may overhear that. */
    private static final int ACKNOWLEDGE_MS = 50;
    private static final int MARK_BYTES = 40;
    private static final String EOF_MARK = "$EOF:";

    private final Socket socket;
    private final InputStream in;
    private final FrameDecoder decoder = new FrameDecoder();
    private final byte[] received = new byte[16 * 1024];

    private ReplicaStream(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Follows the server from now on. */
    public static ReplicaStream of(int port) {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), WAIT_MS_MAX);
            socket.setSoTimeout(WAIT_MS_MAX);
            ReplicaStream stream = new ReplicaStream(socket);
            stream.attach();
            return stream;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void attach() throws IOException {
        send("REPLCONF", "capa", "eof", "capa", "psync2");
        expect("+OK");
        send("PSYNC", "?", "-1");
        expect("+FULLRESYNC");
        String head = line();
        while (head.isEmpty()) {
            head = line();
        }
        if (head.startsWith(EOF_MARK)) {
            skipTo(head.substring(EOF_MARK.length()).getBytes(StandardCharsets.ISO_8859_1));
        } else {
            in.skipNBytes(Long.parseLong(head.substring(1)));
        }
        socket.setSoTimeout(ACKNOWLEDGE_MS);
    }

    private void send(String... words) throws IOException {
        socket.getOutputStream().write(RequestEncoder.encode(words));
    }

    private void expect(String beginning) throws IOException {
        String line = line();
        if (!line.startsWith(beginning)) {
            throw new IOException("a primary answered " + line);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the primary closed the connection");
            }
            line.append((char) b);
        }
        return line.toString().stripTrailing();
    }

    /** Passes over everything up to the mark that ends a snapshot of unknown length. */
    private void skipTo(byte[] mark) throws IOException {
        byte[] window = in.readNBytes(MARK_BYTES);
        int start = 0;
        while (!matches(window, start, mark)) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the primary closed the connection");
            }
            window[start] = (byte) b;
            start = (start + 1) % MARK_BYTES;
        }
    }

    private static boolean matches(byte[] window, int start, byte[] mark) {
        for (int i = 0; i < MARK_BYTES; i++) {
            if (window[(start + i) % MARK_BYTES] != mark[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * The requests of the stream up to the one that sets a key to a value that the caller has just sent, without it; without
     * the primary's signs of life and the questions for the offset.
     */
    public List<List<String>> upTo(String key, String value) {
        List<List<String>> requests = new ArrayList<>();
        List<String> last = List.of("SET", key, value);
        for (List<String> request = next(); !request.equals(last); request = next()) {
            if (!request.getFirst().equals("PING") && !request.getFirst().equals("REPLCONF")) {
                requests.add(request);
            }
        }
        return requests;
    }

    private List<String> next() {
        try {
            Frame frame = decoder.next();
            while (frame == null) {
                int read = receive();
                decoder.feed(received, 0, read);
                frame = decoder.next();
            }
            return frame.items().stream().map(Frame::text).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int receive() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MS_MAX);
        while (true) {
            try {
                int read = in.read(received);
                if (read < 0) {
                    throw new IOException("the primary closed the connection");
                }
                return read;
            } catch (SocketTimeoutException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                send("REPLCONF", "ACK", "0");
            }
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
