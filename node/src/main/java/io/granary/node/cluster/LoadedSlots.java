package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.log.NodeLog;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;

/**
 * Makes what a primary has loaded from its file agree with what it knows of the cluster: keys of a slot without an owner
 * make the slot its own, and those of another's slot are kept as if it were being imported, since they may be all there is.
 * Slots that change hands are left to the move that they belong to.
 */
final class LoadedSlots {

    private final Keyspace keyspace;
    private final ClusterServices cluster;
    private final NodeLog log;

    LoadedSlots(Keyspace keyspace, ClusterServices cluster, NodeLog log) {
        this.keyspace = keyspace;
        this.cluster = cluster;
        this.log = log;
    }

    void claim() {
        ClusterView view = cluster.view();
        for (int slot = 0; slot < ClusterView.SLOTS && !view.myself().is(NodeFlag.REPLICA); slot++) {
            SlotStore store = keyspace.storeIfPresent(0, slot);
            boolean settled = view.isMine(slot) || view.importingFrom(slot) != null || changesHands(view, slot);
            if (store != null && store.size() > 0 && !settled) {
                claim(slot, view.owner(slot));
            }
        }
    }

    /** Whether the keys belong to a move: its end decides about them. */
    private static boolean changesHands(ClusterView view, int slot) {
        return view.handOvers().grants().stream().anyMatch(grant -> grant.slots().contains(slot))
                || view.handOvers().imports().stream().anyMatch(each -> each.slots().contains(slot));
    }

    private void claim(int slot, NodeView owner) {
        Output.Answer answer;
        if (owner == null) {
            log.notice("I have keys for unassigned slot " + slot + ". Taking responsibility for it.");
            answer = cluster.ask(new OperatorRequest.AddSlots(new int[] {slot}));
        } else {
            log.notice("I have keys for slot " + slot + ", but the slot is assigned to another node. "
                    + "Setting it to importing state.");
            answer = cluster.ask(new OperatorRequest.SetSlotImporting(slot, owner.id().toString()));
        }
        if (answer.error() != null) {
            log.warning("Slot " + slot + " stays as it is: " + answer.error());
        }
    }
}
