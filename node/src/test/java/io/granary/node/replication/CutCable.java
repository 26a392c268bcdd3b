package io.granary.node.replication;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A cable to a server on this machine: what comes through one port goes to the other, until somebody cuts it. */
final class CutCable implements AutoCloseable {

    private static final int BUFFER_BYTES = 8 * 1024;

    private final ServerSocket plug;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    /** How many bytes the target may still send before the cable breaks. */
    private final AtomicLong credit = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean pulled;
    private volatile boolean frozen;

    CutCable(int target) {
        this.target = target;
        try {
            plug = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return plug.getLocalPort();
    }

    /** Connections that were made through it so far. */
    int connections() {
        return connections.get();
    }

    /** Cuts all connections; new ones are possible at once. */
    void cut() {
        List<Socket> cut = List.copyOf(sockets);
        cut.forEach(CutCable::close);
        // only these: whoever was cut may have come back already
        sockets.removeAll(cut);
    }

    /** Lets the next connections break when the target has sent so many bytes. */
    void breakAfter(long bytes) {
        credit.set(bytes);
    }

    void hold() {
        credit.set(Long.MAX_VALUE);
    }

    /** Lets the connections be, and nothing come through them any more. */
    void freeze() {
        frozen = true;
    }

    /** Pulls the plug: no connection comes through until {@link #plugIn}. */
    void pull() {
        pulled = true;
        cut();
    }

    void plugIn() {
        pulled = false;
    }

    private void accept() {
        while (!plug.isClosed()) {
            try {
                Socket near = plug.accept();
                connections.incrementAndGet();
                if (pulled) {
                    near.close();
                    continue;
                }
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.addAll(List.of(near, far));
                Thread.ofVirtual().start(() -> carry(near, far, false));
                Thread.ofVirtual().start(() -> carry(far, near, true));
            } catch (IOException _) {
                // the target is not there, or the test is over
            }
        }
    }

    private void carry(Socket from, Socket to, boolean counted) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (from; to; InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (counted && credit.get() != Long.MAX_VALUE && credit.addAndGet(-read) < 0) {
                    return;
                }
                if (!frozen) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException _) {
            // cut
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            plug.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
