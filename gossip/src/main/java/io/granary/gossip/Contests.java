package io.granary.gossip;

import io.granary.gossip.wire.GossipEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which nodes may have been succeeded without anybody having said so yet.
 *
 * <p>THE DANGER. A vote is not a result. The candidate may have won with it and stand still before it has told anyone; may
 * have been cut off; may have died for good. Until that is known, neither the old primary nor its successor can be counted
 * on: if the old one were given promises, it would acknowledge writes that are lost when the successor wakes up; and if the
 * old one's own votes and promises counted, two majorities could stand on one seat, it on one side and its successor on the
 * other.
 *
 * <p>THE RULE. Whoever votes for a candidate in epoch E notes that every other node of its shard is contested in E. The
 * word of a contested node, that is its vote or its promise, counts for nothing and no promise is given to it, unless it
 * has a config epoch greater than E. So the candidate that has won in E is heard, for it has won every election before E;
 * the old primary is not, until it has been elected anew in a greater epoch ({@link Reelection}), which cancels whatever
 * was decided in E.
 *
 * <p>WHAT TRAVELS. What a node knows of contests stands in every heartbeat to a node of this kind, and in front of every
 * vote on the same connection, so whoever has a word has what its giver knew; a candidate that wins with some votes has
 * inherited what the voters knew. It is on disk with the next save, and a vote waits for that save.
 *
 * <p>WHEN IT ENDS. A replica that answers a ping as a replica long after the contest was noted can not have won any
 * election up to E, since elections end by themselves: its contest is settled. So is that of a node with a greater epoch.
 */
final class Contests {

    /** More than this can not be told in one heartbeat: then no promise and no vote is given. */
    static final int LIMIT = Messages.ENTRIES_LIMIT;

    private static final long ELECTION_LEAST_MS = 2000;

    private final ClusterState state;

    Contests(ClusterState state) {
        this.state = state;
    }

    /** Whether the word of a node counts for nothing if its config epoch is this one. */
    static boolean bars(Node node, long configEpoch) {
        return node.contestedEpoch > 0 && configEpoch <= node.contestedEpoch;
    }

    /** This node has voted for a candidate, or has won itself. */
    void decided(Node winner, long epoch) {
        String shard = winner.shard();
        for (Node node : state.nodes()) {
            if (node != winner && node.shard().equals(shard)) {
                note(node, epoch);
            }
        }
    }

    /** Another member knows of a contest. */
    void heardOf(GossipEntry entry) {
        Node node = entry.contestedEpoch() == 0 ? null : state.node(entry.id());
        if (node != null && !node.is(NodeFlag.HANDSHAKE) && entry.contestedEpoch() > node.settledEpoch) {
            note(node, entry.contestedEpoch());
        }
    }

    private void note(Node node, long epoch) {
        if (epoch > node.contestedEpoch && epoch > node.settledEpoch) {
            node.contestedEpoch = epoch;
            node.contestedMs = state.nowMs;
            state.currentEpoch = Math.max(state.currentEpoch, epoch);
            state.changedDurably();
        }
    }

    /** A node has answered a ping, as a replica or in a config epoch of its own. */
    void answered(Node node, boolean replica, long configEpoch, long pingSentMs) {
        if (node.contestedEpoch == 0) {
            return;
        }
        long electionMs = Math.max(2 * state.settings.nodeTimeoutMs(), ELECTION_LEAST_MS);
        if (replica ? pingSentMs > node.contestedMs + 2 * electionMs : configEpoch > node.contestedEpoch) {
            node.settledEpoch = node.contestedEpoch;
            node.contestedEpoch = 0;
            state.changedSoft();
        }
    }

    /**
     * How many of the votes count, by the config epoch that each voter had when it voted: none of a node that has no slots
     * any more or is contested itself, as far as any of the voters has told.
     */
    int countVotes(Map<Node, Long> voters) {
        int count = 0;
        for (Map.Entry<Node, Long> vote : voters.entrySet()) {
            count += vote.getKey().isVoter() && !bars(vote.getKey(), vote.getValue()) ? 1 : 0;
        }
        return count;
    }

    /** To be called with every tick: what is known of this node itself is settled as for any other. */
    void tick() {
        Node me = state.myself;
        answered(me, me.isReplica(), state.storedConfigEpoch, state.nowMs);
    }

    /** Those to tell others of. */
    List<Node> open() {
        List<Node> open = new ArrayList<>();
        for (Node node : state.nodes()) {
            if (node.contestedEpoch > 0) {
                open.add(node);
            }
        }
        return open;
    }

    /** Whether this node's own word may be given: it is told whole, and would be counted. */
    boolean mayGiveWord() {
        return !bars(state.myself, state.myself.configEpoch) && open().size() <= LIMIT;
    }
}
