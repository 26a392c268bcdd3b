package io.granary.tools.rehearsal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports that nobody listens on. */
final class Ports {

    /** The bus of a node wants the port that is 10000 above. */
    private static final int END = 55536;

    private Ports() { }

    static int free() {
        while (true) {
            try (ServerSocket client = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (client.getLocalPort() < END) {
                    return client.getLocalPort();
                }
            } catch (IOException none) {
                throw new UncheckedIOException(none);
            }
        }
    }
}
