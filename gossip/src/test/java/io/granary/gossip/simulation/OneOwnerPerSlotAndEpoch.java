package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.ClusterView.OwnedRange;
import io.granary.gossip.NodeId;
import java.util.HashMap;
import java.util.Map;

/**
 * No two nodes ever claim the same slot in the same configuration epoch: so the epoch alone decides who is believed. Epochs
 * that are taken without a vote may be taken twice at once; the collision rule parts such nodes later, and until then it is
 * well as long as they own different slots. So it holds if operators move slots one at a time, in a cluster that agrees.
 */
final class OneOwnerPerSlotAndEpoch implements Invariant {

    private final Map<Long, NodeId[]> claims = new HashMap<>();

    @Override
    public void sees(SimulatedNode node, ClusterView before, ClusterView view, long nowMs) {
        NodeId me = view.myself().id();
        long epoch = view.myself().configEpoch();
        if (!view.myself().isPrimary() || view.ownersAs(before) && epoch == before.myself().configEpoch()) {
            return;
        }
        NodeId[] owners = claims.computeIfAbsent(epoch, _ -> new NodeId[ClusterView.SLOTS]);
        for (OwnedRange range : view.ranges()) {
            if (range.owner() != view.myself()) {
                continue;
            }
            for (int slot = range.first(); slot <= range.last(); slot++) {
                if (owners[slot] == null) {
                    owners[slot] = me;
                } else if (!owners[slot].equals(me)) {
                    Invariant.violated("slot %d in epoch %d is claimed by %s and was by %s", slot, epoch, me, owners[slot]);
                }
            }
        }
    }
}
