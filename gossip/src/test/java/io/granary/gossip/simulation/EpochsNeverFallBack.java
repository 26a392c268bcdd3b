package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.Output;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import java.util.HashMap;
import java.util.Map;

/**
 * A node's current epoch and its own configuration epoch only grow while it lives, and what it has told of them stays true
 * when it dies and comes back.
 */
final class EpochsNeverFallBack implements Invariant {

    private final Map<NodeId, Long> told = new HashMap<>();

    @Override
    public void sees(SimulatedNode node, ClusterView before, ClusterView view, long nowMs) {
        if (before != null && before.myself().id().equals(view.myself().id())) {
            if (view.currentEpoch() < before.currentEpoch()) {
                Invariant.violated("%s: current epoch %d after %d", node, view.currentEpoch(), before.currentEpoch());
            }
            if (view.myself().isPrimary() && before.myself().isPrimary()
                    && view.myself().configEpoch() < before.myself().configEpoch()) {
                Invariant.violated("%s: config epoch %d after %d",
                        node, view.myself().configEpoch(), before.myself().configEpoch());
            }
        }
    }

    @Override
    public void does(SimulatedNode node, Output output, long nowMs) {
        // who asks for votes names the epoch of the claims that are to be replaced
        if (output instanceof Output.Send(long _, var message) && message.header().is(NodeFlag.PRIMARY)
                && !(message instanceof BusMessage.FailoverAuthRequest)) {
            BusHeader header = message.header();
            long earlier = told.merge(header.sender(), header.configEpoch(), Math::max);
            if (header.configEpoch() < earlier) {
                Invariant.violated("%s says config epoch %d and has said %d", node, header.configEpoch(), earlier);
            }
        }
    }
}
