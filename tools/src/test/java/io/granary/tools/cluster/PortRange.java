package io.granary.tools.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Neighbouring ports that are free just now, with the bus ports above them. */
public final class PortRange {

    private static final int BUS_OFFSET = 10000;
    private static final int TRIES = 200;

    private PortRange() {}

    /** The first of so many. */
    public static int free(int count) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            int first = ThreadLocalRandom.current().nextInt(10_100, 22_700 - count);
            if (IntStream.range(first, first + count).allMatch(port -> isFree(port) && isFree(port + BUS_OFFSET))) {
                return first;
            }
        }
        throw new IOException("no free ports");
    }

    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
