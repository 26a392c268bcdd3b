package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.HashSet;
import java.util.Set;

/**
 * How a primary steps back that has started again without all the data it had.
 *
 * <p>THE DANGER. A primary that crashed and is started at once claims its slots as if nothing had happened, empty or as old
 * as its last snapshot. Its replicas have everything; they ask it for a sync and copy the loss.
 *
 * <p>THE RULE. As long as a replica may have more, such a primary is behind: it serves no client and no replica. To nodes
 * of another kind it is silent, so that they find it failed after a node timeout. To nodes of this kind it says that it is
 * behind and what it still has. Where a replica has more, that is as good as being dead: they suspect it at once, promise it
 * nothing, and owe it nothing for promises to the process that died. So the replica takes over within moments, and the
 * primary follows it. A replica that has no more does not stand and gets no vote, even if the primary is found failed for
 * another reason: after all nodes of a shard have crashed, the one with the latest snapshot is to lead. The primary keeps
 * its vote: votes and promises do not depend on data.
 *
 * <p>WHEN NOBODY COMES. It serves what it has once each of its replicas is known to have no more than itself, or has failed
 * and stayed away for long. A replica that is there, has more, and is not elected (nofailover, no majority) is waited for
 * without end: only an operator can say that its data is not wanted.
 */
final class Yielding {

    private static final long AWAY_LEAST_MS = 60_000;
    private static final long COMPLAINT_MS = 10_000;

    private final ClusterState state;

    /** Those that were heard since the start. */
    private final Set<Node> heard = new HashSet<>();

    private long sinceMs;
    private long complainedMs;

    Yielding(ClusterState state) {
        this.state = state;
    }

    void begin() {
        if (!state.myself.isVoter()) {
            return;
        }
        state.behind = true;
        sinceMs = state.nowMs;
        complainedMs = state.nowMs;
        state.changed();
        if (mayServe()) {
            serve();
        } else {
            state.warning("This master has started without all of its data: it serves nobody while a replica may have more");
        }
    }

    /** A node has said something newer than all before. */
    void heard(Node sender, BusHeader header) {
        if (state.behind && !header.isPrimary()) {
            heard.add(sender);
        }
    }

    /** To be called after every input: whose slots somebody else owns now has nothing to wait for. */
    void step() {
        if (state.behind && state.myself.isReplica()) {
            state.behind = false;
            state.changed();
        } else if (state.behind && !state.myself.isVoter()) {
            serve();
        }
    }

    void tick() {
        if (!state.behind) {
            return;
        }
        if (mayServe()) {
            state.warning("No replica has more data than this master: it serves what it has");
            serve();
        } else if (state.nowMs - complainedMs >= COMPLAINT_MS) {
            complainedMs = state.nowMs;
            state.warning("Still waiting for a replica with more data to take over");
        }
    }

    private void serve() {
        state.behind = false;
        state.hollow = true;
        state.out.add(new Output.ServeBehind());
        state.changed();
    }

    private boolean mayServe() {
        long awayMs = Math.max(4 * state.settings.nodeTimeoutMs(), AWAY_LEAST_MS);
        for (Node node : state.nodes()) {
            if (node.primary != state.myself) {
                continue;
            }
            boolean hasLess = heard.contains(node) && node.offset <= state.myself.offset;
            boolean away = node.isFailing() && state.nowMs - Math.max(sinceMs, node.dataReceivedMs) > awayMs;
            if (!hasLess && !away) {
                return false;
            }
        }
        return true;
    }
}
