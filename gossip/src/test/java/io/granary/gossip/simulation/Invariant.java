package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.Output;

/** Something that holds after every event, whatever the network, the disks and the operators do. Its class is its name. */
interface Invariant {

    /** The node is about to do this. */
    default void does(SimulatedNode node, Output output, long nowMs) {}

    /** The node has a new view; {@code before} is null for the first of its life. */
    default void sees(SimulatedNode node, ClusterView before, ClusterView view, long nowMs) {}

    /** Says what is wrong. */
    static void violated(String what, Object... arguments) {
        throw new AssertionError(String.format(what, arguments));
    }
}
