package io.granary.slots.transcript;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that nobody listens on just now. They lie below those that the system gives to clients by itself, so that no
 * connection of a test, not even the attempt to reach the server that is to listen there, takes one away before it is used.
 */
public final class FreePorts {

    private static final int LEAST = 10_100;
    private static final int MOST = 22_700;
    private static final int BUS_DISTANCE = 10_000;

    private FreePorts() {}

    /** A port that is free, as is the one of the cluster bus above it. */
    public static int next() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(LEAST, MOST);
            if (isFree(port) && isFree(port + BUS_DISTANCE)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException _) {
            return false;
        }
    }
}
