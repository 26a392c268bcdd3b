package io.granary.tools.client;

import io.granary.resp.Frame;
import io.granary.resp.Frame.ErrorFrame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.RequestEncoder;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A blocking connection to one node: a call is sent, its reply awaited. For one thread. */
public final class Connection implements AutoCloseable {

    private static final int READ_BYTES = 16 * 1024;

    private final Socket socket;
    private final FrameDecoder decoder = new FrameDecoder();
    private final byte[] received = new byte[READ_BYTES];

    private Connection(Socket socket) {
        this.socket = socket;
    }

    /** Connects and, where there is a password, authenticates; a node that needs none takes any. */
    public static Connection open(Address address, Access access) throws IOException {
        Connection connection = open(address, access.timeoutMs());
        try {
            if (access.password() != null) {
                connection.authenticate(access);
            }
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    private void authenticate(Access access) throws IOException {
        try {
            if (access.user() == null) {
                call("AUTH", access.password());
            } else {
                call("AUTH", access.user(), access.password());
            }
        } catch (ErrorReply refused) {
            if (access.user() != null || !refused.getMessage().contains("without any password configured")) {
                throw refused;
            }
        }
    }

    /** {@code timeoutMs} bounds the connecting and then the wait for each piece of a reply. */
    public static Connection open(Address address, int timeoutMs) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.host(), address.port()), timeoutMs);
            socket.setSoTimeout(timeoutMs);
            socket.setTcpNoDelay(true);
            return new Connection(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends a command and returns its reply; an error becomes an {@link ErrorReply}. */
    public Frame call(Object... words) throws IOException {
        send(words);
        return receive();
    }

    /** Sends a command without waiting for its reply; a word that is a {@code byte[]} goes as it is. */
    public void send(Object... words) throws IOException {
        byte[][] arguments = Arrays.stream(words).map(Connection::bytes).toArray(byte[][]::new);
        socket.getOutputStream().write(RequestEncoder.encode(arguments));
    }

    /** Sends commands in one piece and returns all their replies, of which some may be errors. */
    public List<Frame> callAll(List<Object[]> commands) throws IOException {
        ByteArrayOutputStream requests = new ByteArrayOutputStream();
        for (Object[] words : commands) {
            requests.writeBytes(RequestEncoder.encode(Arrays.stream(words).map(Connection::bytes).toArray(byte[][]::new)));
        }
        requests.writeTo(socket.getOutputStream());
        List<Frame> replies = new ArrayList<>(commands.size());
        while (replies.size() < commands.size()) {
            replies.add(next());
        }
        return replies;
    }

    private static byte[] bytes(Object word) {
        return word instanceof byte[] raw ? raw : word.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the next reply, in the order in which commands were sent; an error becomes an {@link ErrorReply}. */
    public Frame receive() throws IOException {
        Frame reply = next();
        if (reply instanceof ErrorFrame(String message)) {
            throw new ErrorReply(message);
        }
        return reply;
    }

    private Frame next() throws IOException {
        Frame reply = decoder.next();
        while (reply == null) {
            int length = socket.getInputStream().read(received);
            if (length < 0) {
                throw new EOFException("the node closed the connection");
            }
            decoder.feed(received, 0, length);
            reply = decoder.next();
        }
        return reply;
    }

    /** As {@link #call}, for a command that answers with a status, text or number. */
    public String text(Object... words) throws IOException {
        return call(words).text();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
