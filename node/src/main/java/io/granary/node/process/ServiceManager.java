package io.granary.node.process;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The service manager above the process, told when the node is ready and when it stops. systemd listens on the socket that
 * it names in NOTIFY_SOCKET (sd_notify(3)). Upstart, long gone, wants a process that stops itself: it is told nothing.
 */
final class ServiceManager {
    private final byte[] socketPath;
    private final NodeLog log;

    private ServiceManager(byte[] socketPath, NodeLog log) {
        this.socketPath = socketPath;
        this.log = log;
    }

    /** Finds out who supervises the process. */
    static ServiceManager of(Configuration configuration, String notifySocket, NodeLog log) {
        boolean named = notifySocket != null && !notifySocket.isEmpty();
        byte[] path = null;
        switch (configuration.choice("supervised").value()) {
            case "systemd" -> {
                if (named) {
                    log.notice("supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and "
                            + "TimeoutStopSec in your service unit.");
                    path = socketPath(notifySocket);
                } else {
                    log.warning("systemd supervision requested or auto-detected, but the NOTIFY_SOCKET is not set");
                }
            }
            case "auto" -> path = named ? socketPath(notifySocket) : null;
            case "upstart" -> log.warning("upstart supervision requested, but not supported");
            default -> { }
        }
        return new ServiceManager(path, log);
    }

    /** A name that begins with @ is in the abstract namespace, where the first byte is zero. */
    private static byte[] socketPath(String notifySocket) {
        byte[] path = notifySocket.getBytes(StandardCharsets.UTF_8);
        if (path[0] == '@') {
            path[0] = 0;
        }
        return path;
    }

    void ready() {
        tell("STATUS=Ready to accept connections\nREADY=1\n");
    }

    void stopping() {
        tell("STATUS=Shutting down\nSTOPPING=1\n");
    }

    private void tell(String message) {
        if (socketPath == null) {
            return;
        }
        if (!Epoll.isAvailable()) {
            log.warning("systemd supervision error: no datagram sockets without Netty's native transport");
            return;
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        Socket socket = Socket.newSocketDomainDgram();
        try {
            socket.sendToDomainSocket(buffer, 0, bytes.length, socketPath);
        } catch (IOException failure) {
            log.warning("systemd supervision error: " + failure.getMessage());
        } finally {
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // The message has gone or has failed: nothing depends on the socket any more.
        }
    }
}
