package io.granary.gossip;

/**
 * Whether the cluster serves commands here: every slot has an owner that has not failed (if full coverage is required),
 * and a majority of the primaries is reachable.
 *
 * <p>A primary whose claims may be out of date must not serve, even when all looks well: it may have been replaced while
 * it was down, cut off or paused, and would take writes that are thrown away a moment later. Redis lets it wait a fixed
 * time (2 s after a start, 0.5 to 5 s after a partition) and hopes that the news arrive meanwhile. Here it waits for what
 * it needs to know: a majority of the primaries has answered a ping that was sent after the doubt arose, and so has seen
 * the claims; then for as long as they may need to object, since Redis objects on another connection than it answers on.
 * A new cluster has nothing to doubt and does not wait at all.
 */
final class ClusterHealth {

    /** Time for objections to arrive: Redis reconnects within 100 ms, and objects at the first heartbeat. */
    private static final long OBJECTIONS_MS = 500;

    /** How long an election may last at least, as in Redis. */
    private static final long ELECTION_LEAST_MS = 2000;

    private final ClusterState state;
    private long doubtSinceMs = -1;
    private long answeredSinceMs = -1;

    ClusterHealth(ClusterState state) {
        this.state = state;
    }

    /** The claims of this node may be out of date from now on. */
    void doubt() {
        doubtSinceMs = state.nowMs;
        answeredSinceMs = -1;
    }

    /** Whether the others are still to confirm the claims of this node. */
    boolean confirming() {
        return doubtSinceMs >= 0;
    }

    /** To be called whenever something has changed, and with every tick. */
    void update() {
        int size = 0;
        int reachable = 0;
        int confirmed = 0;
        for (Node node : state.nodes()) {
            if (node.isVoter()) {
                size++;
                reachable += node.isFailing() ? 0 : 1;
                confirmed += node == state.myself || node.answeredPingSentMs >= doubtSinceMs ? 1 : 0;
            }
        }
        int quorum = size / 2 + 1;
        boolean minority = reachable < quorum;
        if (minority && state.myself.isVoter()) {
            doubt();
        } else if (confirming()) {
            confirm(size, confirmed >= quorum);
        }
        boolean ok = !minority && !state.behind && !confirming() && (!state.settings.requireFullCoverage() || covered());
        if (ok != state.ok) {
            state.ok = ok;
            state.out.log(ok ? Output.Level.NOTICE : Output.Level.WARNING, "Cluster state changed: " + (ok ? "ok" : "fail"));
            state.changed();
        }
    }

    private void confirm(int size, boolean answered) {
        if (!state.myself.isVoter()) {
            doubtSinceMs = -1;
        } else if (answered) {
            answeredSinceMs = answeredSinceMs < 0 ? state.nowMs : answeredSinceMs;
            if (size == 1 || state.nowMs - answeredSinceMs >= OBJECTIONS_MS) {
                doubtSinceMs = -1;
            }
        }
    }

    private boolean covered() {
        if (!state.allOwned()) {
            return false;
        }
        for (Node node : state.nodes()) {
            if (node.is(NodeFlag.FAIL) && node.slotCount() > 0 && !hasSuccessor(node)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a replica can be expected to take a failed primary's place. Redis stops serving every slot while one shard
     * holds its election; here the others go on, as long as an election may last.
     */
    private boolean hasSuccessor(Node failed) {
        if (state.nowMs - failed.failedMs > Math.max(ELECTION_LEAST_MS, 2 * state.settings.nodeTimeoutMs())) {
            return false;
        }
        for (Node node : state.nodes()) {
            if (node.primary == failed && !node.isFailing()) {
                return true;
            }
        }
        return false;
    }
}
