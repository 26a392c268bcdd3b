package io.granary.node.migration;

import io.granary.resp.RequestEncoder;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A connection to the port for clients of another node, used by one thread that waits: for the socket to take bytes, and for
 * answers, which are lines. Another thread may close it, and has to where a write lasts for ever.
 */
final class PeerConnection implements AutoCloseable {

    private static final int LINE_BYTES_MAX = 4096;

    private final SocketChannel channel;
    private final InputStream in;
    private final int timeoutMs;

    /** The other node has answered with an error. */
    static final class Refusal extends IOException {

        private static final long serialVersionUID = 1L;

        Refusal(String text) {
            super(text);
        }
    }

    private PeerConnection(SocketChannel channel, int timeoutMs) throws IOException {
        this.channel = channel;
        this.timeoutMs = timeoutMs;
        in = channel.socket().getInputStream();
    }

    /** Connects, and proves who this node is if it has a password to do so. */
    static PeerConnection open(InetSocketAddress address, MigrationSettings settings) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("the address of " + address.getHostString() + " is not known");
        }
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket().connect(address, settings.connectTimeoutMs());
            PeerConnection connection = new PeerConnection(channel, settings.answerTimeoutMs());
            String[] login = settings.login();
            if (login.length > 0) {
                connection.ask(login);
            }
            return connection;
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    /** Sends a request and returns the line that answers it. */
    String ask(String... words) throws IOException {
        return ask(timeoutMs, words);
    }

    /** As {@link #ask(String...)}, with another patience. */
    String ask(int patienceMs, String... words) throws IOException {
        ByteBuffer request = ByteBuffer.wrap(RequestEncoder.encode(words));
        while (request.hasRemaining()) {
            channel.write(request);
        }
        return answer(patienceMs);
    }

    /** Sends bytes, and releases them. */
    void send(ByteBuf bytes) throws IOException {
        try {
            ByteBuffer buffer = bytes.nioBuffer();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } finally {
            bytes.release();
        }
    }

    /** The next answer, without the mark in front of it. */
    String answer(int patienceMs) throws IOException {
        channel.socket().setSoTimeout(patienceMs);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the connection was closed");
            }
            if (b != '\r') {
                line.write(b);
            }
            if (line.size() > LINE_BYTES_MAX) {
                throw new IOException("no node answers like this");
            }
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (text.startsWith("-")) {
            throw new Refusal(text.substring(1));
        }
        return text.isEmpty() ? text : text.substring(1);
    }

    /** From any thread. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // it is given up in any case
        }
    }
}
