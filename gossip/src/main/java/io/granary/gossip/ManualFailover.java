package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;

/**
 * The failover that an operator asks for with CLUSTER FAILOVER while all is well (clusterHandleManualFailover and its
 * neighbours in Redis's cluster_legacy.c): the replica takes over and not one write is lost, though replication does not
 * wait for replicas.
 *
 * <p>STEPS. The replica sends MFSTART to its primary. The primary pauses its writes, and once none is under way any more
 * its stream ends at some offset; from then on its messages carry that offset and the flag PAUSED. The replica hears it,
 * waits until it has applied the stream up to there, and holds an election in which the others vote although the primary
 * is up (FORCE_ACK). When the primary hears of its successor it becomes a replica, and the clients that it kept waiting
 * are sent on.
 *
 * <p>WHAT BOUNDS IT. Each side gives up five seconds after it began, the replica first, since it began first; the pause
 * itself is twice as long, and outlives any election that was begun in it. If the replica dies, the primary goes on
 * after those five seconds.
 *
 * <p>BY FORCE the replica skips its primary, which may be gone, and goes on at once with what it has. Only an operator
 * can judge what is lost then.
 */
final class ManualFailover {

    private static final long TIMEOUT_MS = 5000;
    private static final long PAUSE_MS = 2 * TIMEOUT_MS;

    private final ClusterState state;
    private final Messages messages;

    /** When this side gives up; -1 while there is no manual failover. */
    private long endMs = -1;

    /** On a primary: the replica that takes over. */
    private Node successor;

    /** On a replica: where the stream of its paused primary ends; -1 until it has said so. */
    private long primaryOffset = -1;

    private boolean canStart;
    private boolean resume;

    ManualFailover(ClusterState state, Messages messages) {
        this.state = state;
        this.messages = messages;
    }

    /** Whether this replica is to hold an election although its primary may be up. */
    boolean canStart() {
        return canStart;
    }

    /** An operator wants this replica to take over in agreement with its primary, to which there is a link. */
    void begin() {
        reset();
        endMs = state.nowMs + TIMEOUT_MS;
        state.notice("Manual failover user request accepted.");
        messages.startManualFailover(state.myself.primary.link);
    }

    /** An operator wants this replica to take over without asking its primary. */
    void force() {
        reset();
        endMs = state.nowMs + TIMEOUT_MS;
        canStart = true;
        state.notice("Forced failover user request accepted.");
    }

    /** A node asks this one to pause its writes; only a replica of it may. */
    void requested(Node replica) {
        if (replica.primary != state.myself || !state.myself.isPrimary()) {
            return;
        }
        reset();
        endMs = state.nowMs + TIMEOUT_MS;
        successor = replica;
        resume = false;
        state.notice("Manual failover requested by replica " + replica + ".");
        state.out.add(new Output.PauseWrites(PAUSE_MS));
    }

    /** No write is under way any more, and the stream ends here. */
    void paused(long offset) {
        if (successor != null) {
            state.pausedOffset = offset;
            pingSuccessor();
        }
    }

    /** A message from a node: from a primary that has paused it brings the offset to reach. */
    void heard(Node sender, BusHeader header) {
        boolean awaited = endMs >= 0 && sender == state.myself.primary && primaryOffset < 0 && !canStart;
        if (awaited && header.has(BusHeader.PAUSED)) {
            primaryOffset = header.offset();
            state.notice("Received replication offset for paused master manual failover: " + primaryOffset);
            state.out.add(new Output.AwaitOffset(primaryOffset));
            step();
        }
    }

    /** To be called when the replica may have come further. */
    void step() {
        ReplicationStatus own = state.replication;
        if (!canStart && primaryOffset >= 0 && own.synced() && own.offset() >= primaryOffset) {
            canStart = true;
            state.notice("All master replication stream processed, manual failover can start.");
        }
    }

    void tick() {
        if (endMs >= 0 && state.nowMs > endMs) {
            state.warning("Manual failover timed out.");
            reset();
        } else if (state.pausedOffset >= 0) {
            pingSuccessor();
        }
    }

    private void pingSuccessor() {
        if (successor.link != null && successor.link.up) {
            messages.ping(successor.link);
        }
    }

    /** Ends it on either side, whatever has come of it. */
    void reset() {
        resume |= successor != null;
        endMs = -1;
        successor = null;
        primaryOffset = -1;
        canStart = false;
        state.pausedOffset = -1;
    }

    /** Lets paused writes go on; to be told behind the view, which may send them elsewhere. */
    void tellResumption() {
        if (resume) {
            resume = false;
            state.out.add(new Output.ResumeWrites());
        }
    }
}
