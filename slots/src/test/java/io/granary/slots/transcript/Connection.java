package io.granary.slots.transcript;

import io.granary.resp.CliText;
import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.RequestEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;

/** A conversation with a server on this host, redis-server or a node of Granary, over its port. */
public final class Connection implements Conversation {

    private static final int REPLY_MS_MAX = 30_000;
    private static final String REDIS_VERSION = "redis_version:";

    private final Socket socket;
    private final FrameDecoder decoder = new FrameDecoder();
    private final byte[] received = new byte[16 * 1024];
    private final String version;
    private final boolean granary;

    private Connection(Socket socket) {
        this.socket = socket;
        String info = ask("INFO", "server").text();
        String full = info.lines().filter(line -> line.startsWith(REDIS_VERSION)).findFirst().orElseThrow();
        String[] numbers = full.substring(REDIS_VERSION.length()).strip().split("\\.");
        version = numbers[0] + "." + numbers[1];
        granary = info.contains("granary_version:");
    }

    /** Connects to a server that listens already. */
    public static Connection to(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), REPLY_MS_MAX);
            socket.setSoTimeout(REPLY_MS_MAX);
            socket.setTcpNoDelay(true);
            return new Connection(socket);
        } catch (IOException | UncheckedIOException e) {
            socket.close();
            throw e instanceof UncheckedIOException unchecked ? unchecked.getCause() : (IOException) e;
        }
    }

    /** Sends a request of texts, one byte a character. */
    public Frame ask(String... arguments) {
        return exchange(RequestEncoder.encode(arguments));
    }

    @Override
    public Frame ask(List<byte[]> arguments) {
        return exchange(RequestEncoder.encode(arguments.toArray(byte[][]::new)));
    }

    @Override
    public List<Frame> askAll(List<List<byte[]>> requests) {
        ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
        requests.forEach(request -> pipeline.writeBytes(RequestEncoder.encode(request.toArray(byte[][]::new))));
        try {
            socket.getOutputStream().write(pipeline.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return requests.stream().map(_ -> reply()).toList();
    }

    private Frame exchange(byte[] request) {
        try {
            socket.getOutputStream().write(request);
            return reply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Frame reply() {
        try {
            InputStream in = socket.getInputStream();
            Frame reply = decoder.next();
            while (reply == null) {
                int read = in.read(received);
                if (read < 0) {
                    throw new IOException("the server closed the connection");
                }
                decoder.feed(received, 0, read);
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
        return granary;
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
