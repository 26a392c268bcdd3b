package io.granary.node.replication.replicas;

import io.granary.node.replication.ReplicationLog;
import java.nio.charset.StandardCharsets;

/** What this node itself says to all replicas in the stream, and what changes no data: pings, questions, news of slots. */
final class StreamRequests {

    private static final byte[] PING = ascii("*1\r\n$4\r\nPING\r\n");
    private static final byte[] GETACK = ascii("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n");

    private final ReplicationLog history;
    private final Runnable wake;
    private volatile boolean held;

    /** @param wake lets the replicas be sent what is new */
    StreamRequests(ReplicationLog history, Runnable wake) {
        this.history = history;
        this.wake = wake;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Lets nothing go into the log but changes: the offset stands still while clients are paused for a failover. */
    void hold(boolean on) {
        held = on;
    }

    boolean areHeld() {
        return held;
    }

    /** Shows that this node is there; goes out with what is sent next. */
    void ping() {
        if (!held) {
            history.append(PING);
        }
    }

    /** Has the replicas say at once how far they are. */
    void askForAcknowledgements() {
        if (!held) {
            tell(GETACK);
        }
    }

    /** Puts a request into the stream. */
    void tell(byte[] request) {
        history.append(request);
        wake.run();
    }
}
