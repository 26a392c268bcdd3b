package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.GossipEntry;
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
 * <p>WHEN IT ENDS. A replica that answers a later ping as a bystander, neither standing for election nor elected and waiting
 * for its disk, has won no election up to E and will win none: it has heard of E with the ping. Its contest is settled. So
 * is that of a primary when all others of its shard have answered so, and that of a node with a greater epoch. A replica
 * of Redis does not say whether it stands, but its elections are over after two node timeouts.
 */
final class Contests {

    /** More than this can not be told in one heartbeat: then no promise and no vote is given. */
    static final int LIMIT = Messages.ENTRIES_LIMIT;

    private static final long ELECTION_LEAST_MS = 2000;

    /** So often a node is asked at most that may settle a contest by its answer. */
    private static final long ASK_MS = 90;

    private final ClusterState state;
    private final Messages messages;

    Contests(ClusterState state, Messages messages) {
        this.state = state;
        this.messages = messages;
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
            state.contest(node, epoch);
            node.contestedMs = state.nowMs;
            state.currentEpoch = Math.max(state.currentEpoch, epoch);
            state.changedDurably();
        }
    }

    /** A node has answered a ping that was sent at that time. */
    void answered(Node node, BusHeader pong, long pingSentMs) {
        long electionMs = Math.max(2 * state.settings.nodeTimeoutMs(), ELECTION_LEAST_MS);
        // who has won an election has slots
        boolean leads = pong.isPrimary() && !pong.slots().isEmpty();
        if (leads) {
            node.bystanderAtMs = 0;
        } else if (pong.stamp() == null) {
            node.bystanderAtMs = pingSentMs - 2 * electionMs;
        } else if (!pong.stamp().standing()) {
            node.bystanderAtMs = pingSentMs;
        }
        boolean over = leads ? pong.configEpoch() > node.contestedEpoch : node.bystanderAtMs > node.contestedMs;
        if (node.contestedEpoch > 0 && over) {
            settle(node);
        }
    }

    private void settle(Node node) {
        node.settledEpoch = node.contestedEpoch;
        state.contest(node, 0);
        state.changedSoft();
    }

    /**
     * Whether so many voters are there whose votes would count that an election can be won. One that can not does harm: its
     * own shard stays contested as long as it is held, so that others can not win theirs.
     */
    boolean canBeWon() {
        int count = 0;
        for (Node node : state.nodes()) {
            boolean there = !node.is(NodeFlag.FAIL) || node.link != null && node.link.up;
            count += node.isVoter() && there && !bars(node, node.configEpoch) ? 1 : 0;
        }
        return count >= state.quorum();
    }

    /** To be called with every tick. */
    void tick() {
        Node me = state.myself;
        if (!me.isVoter()) {
            me.bystanderAtMs = state.standing ? 0 : state.nowMs;
        }
        boolean settled = me.isVoter() ? state.storedConfigEpoch > me.contestedEpoch : me.bystanderAtMs > me.contestedMs;
        if (me.contestedEpoch > 0 && settled && state.succeeded == null) {
            settle(me);
        }
        state.contested().forEach(this::lookInto);
    }

    /** Settles the contest if all others of the shard are bystanders, and asks those who have not said so lately. */
    private void lookInto(Node contested) {
        String shard = contested.shard();
        boolean othersStandBy = true;
        for (Node node : state.nodes()) {
            if (node.shard().equals(shard) && node.bystanderAtMs <= contested.contestedMs) {
                othersStandBy &= node == contested;
                ask(node);
            }
        }
        if (contested.isVoter() && othersStandBy) {
            settle(contested);
        }
    }

    /** Whether a primary, or one that leads its shard now, is contested. */
    boolean isOpenOver(Node primary) {
        return state.contested().stream().anyMatch(node ->
                node == primary && node.isPrimary() || node.isVoter() && node.shard().equals(primary.shard()));
    }

    private void ask(Node node) {
        if (node != state.myself && node.link != null && node.link.up && state.nowMs - node.askedMs > ASK_MS) {
            messages.inquire(node.link);
        }
    }

    /**
     * How many of the votes count, by the config epoch that each voter had when it voted: none of a node that has no slots
     * any more or is contested itself, as far as any of the voters has told.
     */
    int countVotes(Map<Node, Long> voters) {
        return countVotes(voters, 0);
    }

    /** As {@link #countVotes(Map)}, where this node takes over by an operator's order: its primary may agree to it. */
    int countVotes(Map<Node, Long> voters, long epoch) {
        int count = 0;
        for (Map.Entry<Node, Long> vote : voters.entrySet()) {
            Node voter = vote.getKey();
            boolean barred = bars(voter, vote.getValue()) && !agrees(voter, state.myself, epoch);
            count += voter.isVoter() && !barred ? 1 : 0;
        }
        return count;
    }

    /** Whether this node's own word may be given: it is told whole, and would be counted. */
    boolean mayGiveWord() {
        return !bars(state.myself, state.myself.configEpoch) && tellable();
    }

    /** Whether this node's own vote may be given to a candidate; {@code epoch} is that of an operator's order, or 0. */
    boolean mayVoteFor(Node candidate, long epoch) {
        return agrees(state.myself, candidate, epoch) ? tellable() : mayGiveWord();
    }

    private boolean tellable() {
        return state.contested().size() <= LIMIT;
    }

    /**
     * Whether a voter of the candidate's own shard is contested by nothing but votes in that epoch. An epoch has one winner,
     * so its seat cannot be another's yet, and its vote counts as that of any other: else a shard could not hand over where
     * it is one of two.
     */
    private static boolean agrees(Node voter, Node candidate, long epoch) {
        return voter.contestedEpoch == epoch && epoch > 0 && voter.shard().equals(candidate.shard());
    }
}
