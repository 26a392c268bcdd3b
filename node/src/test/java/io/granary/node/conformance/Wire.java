package io.granary.node.conformance;

import io.granary.resp.CliText;
import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.ProtocolException;
import io.granary.resp.RequestEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that sends whatever bytes it likes, and reads when it likes. */
public final class Wire implements AutoCloseable {

    private static final int REPLY_MS_MAX = 30_000;

    private final Socket socket;
    private final FrameDecoder decoder = new FrameDecoder();
    private final byte[] received = new byte[64 * 1024];

    private Wire(Socket socket) {
        this.socket = socket;
    }

    public static Wire to(LiveServer server) {
        return to(server.port());
    }

    public static Wire to(int port) {
        return to(port, 0);
    }

    static Wire to(InetAddress host, int port) {
        return to(host, port, 0);
    }

    /** A client whose system buffers for input as many bytes, as far as the system heeds it; 0 leaves that to the system. */
    static Wire to(int port, int receiveBytes) {
        return to(InetAddress.getLoopbackAddress(), port, receiveBytes);
    }

    private static Wire to(InetAddress host, int port, int receiveBytes) {
        Socket socket = new Socket();
        try {
            if (receiveBytes > 0) {
                socket.setReceiveBufferSize(receiveBytes);
            }
            socket.connect(new InetSocketAddress(host, port), REPLY_MS_MAX);
            socket.setSoTimeout(REPLY_MS_MAX);
            socket.setTcpNoDelay(true);
            return new Wire(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This client's address as the server sees it. */
    public String localAddress() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /** Sends a text, one byte a character. */
    public Wire send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public Wire send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request. */
    public Wire request(String... arguments) {
        return send(RequestEncoder.encode(arguments));
    }

    /** Sends a request and gives its reply as redis-cli would show it. */
    public String ask(String... arguments) {
        return request(arguments).reply();
    }

    /** The next reply as redis-cli would show it. */
    public String reply() {
        return CliText.of(frame());
    }

    /** The next reply. */
    public Frame frame() {
        try {
            Frame reply = decoder.next();
            while (reply == null) {
                int read = socket.getInputStream().read(received);
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

    /** Whether no reply comes within some milliseconds. */
    boolean isSilent(int ms) {
        try {
            if (decoder.next() != null) {
                return false;
            }
            socket.setSoTimeout(ms);
            int read = socket.getInputStream().read(received);
            if (read > 0) {
                decoder.feed(received, 0, read);
            }
            return false;
        } catch (SocketTimeoutException _) {
            return true;
        } catch (ProtocolException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            restoreTimeout();
        }
    }

    private void restoreTimeout() {
        try {
            socket.setSoTimeout(REPLY_MS_MAX);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What still comes before the server closes the connection, which it must do. */
    public String rest() {
        StringBuilder rest = new StringBuilder();
        try {
            while (true) {
                int read = socket.getInputStream().read(received);
                if (read < 0) {
                    return rest.toString();
                }
                rest.append(new String(received, 0, read, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the connection stays open, after " + rest, e);
        } catch (SocketException _) {
            return rest.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends this side of the connection: the server reads the end of the stream, and may still write. */
    void sendNoMore() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connection with a reset: what the server still sends is refused. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
