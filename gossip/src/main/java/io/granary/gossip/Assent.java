package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * One question of this node to others, asked until they have answered: is it so on your disk that I own what I claim, in my
 * epoch, and have you not voted for anybody in my place?
 *
 * <p>What is known to a majority in this way outlives every crash. The question carries this node's current epoch, so
 * whoever has answered votes in later epochs only, and refuses any candidate that claims the same slots in an older one.
 *
 * <p>Peers of another kind do not know the question. That they have answered a later ping counts for them.
 */
final class Assent {

    private final ClusterState state;
    private final Messages messages;
    private final long epoch;
    private final long askedFrom;
    private final long askedFromMs;

    /** Who has said yes, and its own config epoch then. */
    private final Map<Node, Long> given = new HashMap<>();

    /** A question whose answers have to show that the current epoch is at least that one. */
    Assent(ClusterState state, Messages messages, long epoch) {
        this.state = state;
        this.messages = messages;
        this.epoch = epoch;
        this.askedFrom = messages.sequence();
        this.askedFromMs = state.nowMs;
    }

    /** Asks those who have not answered yet. */
    void ask(Collection<Node> nodes) {
        for (Node node : nodes) {
            if (node == state.myself || given.containsKey(node) || node.link == null || !node.link.up) {
                continue;
            }
            if (node.newest != null) {
                messages.askForAssent(node.link);
            } else if (node.pingSentMs == 0) {
                messages.ping(node.link);
            }
        }
    }

    void answered(Node node, BusHeader pong) {
        if (pong.stamp().answered() > askedFrom && pong.currentEpoch() >= epoch) {
            given.put(node, pong.configEpoch());
        }
    }

    boolean isGivenBy(Node node) {
        return node == state.myself
                || (node.newest == null ? node.answeredPingSentMs > askedFromMs : given.containsKey(node));
    }

    /** Whether a majority of these has answered, each in a place of its own. */
    boolean isGivenByMajority(Collection<Node> voters) {
        int count = 0;
        for (Node voter : voters) {
            boolean contested = Contests.bars(voter, given.getOrDefault(voter, voter.configEpoch));
            count += isGivenBy(voter) && !contested ? 1 : 0;
        }
        return 2 * count > voters.size();
    }
}
