package io.granary.node.replication;

import io.granary.node.Clock;
import java.util.concurrent.TimeUnit;

/** A node's part in replication: it leads, or it follows another node. */
public final class Replication {

    private final Clock clock;
    private volatile ReplicationState state = ReplicationState.LEADING;
    private volatile boolean synced;
    /** When the primary was last heard, as a monotonic time; of no meaning before {@link #heard}. */
    private volatile long heardNanos;
    private volatile boolean heard;

    public Replication(Clock clock) {
        this.clock = clock;
    }

    /** Who leads, and how the link to it stands. */
    public ReplicationState state() {
        return state;
    }

    public boolean isReplica() {
        return state.isReplica();
    }

    /** The offset of the last byte of the history that this node has: applied as a replica, written as a primary. */
    public long offset() {
        return 0;
    }

    /** Whether this node holds the data of a sync that was completed, or is a primary. */
    public boolean synced() {
        return synced || !isReplica();
    }

    /**
     * How long the primary has not been heard, in milliseconds: 0 on a primary, {@link Long#MAX_VALUE} on a replica that never
     * had a link. The age of the data, for elections.
     */
    public long linkDownMs() {
        if (!isReplica()) {
            return 0;
        }
        return heard ? TimeUnit.NANOSECONDS.toMillis(clock.nanos() - heardNanos) : Long.MAX_VALUE;
    }

    /** Makes this node a replica of another, or lets it change its primary. From any thread that holds no lock of a slot. */
    public synchronized void follow(String host, int port) {
        if (!state.follows(host, port)) {
            state = new ReplicationState(host, port, LinkPhase.CONNECT);
        }
    }

    /** Makes this node a primary: it goes on with the history under a new name. From any thread that holds no lock of a slot. */
    public synchronized void lead() {
        state = ReplicationState.LEADING;
        heard = false;
    }
}
