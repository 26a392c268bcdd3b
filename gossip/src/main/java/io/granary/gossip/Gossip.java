package io.granary.gossip;

import java.util.List;
import java.util.random.RandomGenerator;

/** The machine: inputs in, outputs out, in the order in which they are to be carried out. */
public final class Gossip {

    /**
     * A node that starts for the first time.
     *
     * @param random ids, whom to ping, whom to gossip about
     */
    public static Gossip fresh(NodeId myself, GossipSettings settings, RandomGenerator random) {
        return new Gossip();
    }

    /** A node that starts again from its nodes file. */
    public static Gossip restored(NodesFile.Loaded loaded, GossipSettings settings, RandomGenerator random) {
        return new Gossip();
    }

    private Gossip() {}

    /**
     * Takes one input and says what is to be done.
     *
     * @param nowMs a clock that never jumps and never goes back, anchored at unix time when the process started
     */
    public List<Output> handle(long nowMs, Input input) {
        return List.of();
    }
}
