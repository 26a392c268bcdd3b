package io.granary.tools.trial;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;

/** A listening port that leads to one port of one node. */
final class Gate implements AutoCloseable {

    private static final int BACKLOG = 128;
    private static final int CONNECT_MS = 2000;
    private static final long PAUSE_NANOS = 1_000_000;

    private final Network network;
    private final int node;
    private final int target;
    private final ServerSocket listener;

    /** @param target the port of the node behind this gate */
    Gate(Network network, int node, int target) throws IOException {
        this.network = network;
        this.node = node;
        this.target = target;
        listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("gate to " + target).start(this::admit);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void admit() {
        while (!listener.isClosed()) {
            try {
                Socket dialler = listener.accept();
                Thread.ofVirtual().start(() -> lead(dialler));
            } catch (IOException _) {
                // closed, or the dialler went away before it was let in, or there is no room for more
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void lead(Socket dialler) {
        Socket dialled = new Socket();
        try {
            dialled.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), CONNECT_MS);
            dialled.setTcpNoDelay(true);
            dialler.setTcpNoDelay(true);
            new Passage(network, node, dialler, dialled).begin();
        } catch (IOException _) {
            Passage.close(dialler);
            Passage.close(dialled);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException _) {
            // nobody is let in any more in any case
        }
    }
}
