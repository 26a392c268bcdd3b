package io.granary.node.migration;

import io.granary.gossip.ClusterView;
import io.granary.gossip.HandOvers;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.cluster.ClusterServices;
import io.granary.slots.SlotSet;
import java.net.InetSocketAddress;

/**
 * The steps of a move that the cluster's machine does, and what its view says of the two nodes. Each step waits for
 * other nodes and for the disk, so no event loop may ask for one.
 */
final class HandOverSteps {

    private final ClusterServices cluster;

    /** The machine has refused a step. */
    static final class Refused extends Exception {

        private static final long serialVersionUID = 1L;

        Refused(String text) {
            super(text, null, false, false);
        }

        /** Whether the slots will never be claimed for the job. */
        boolean forGood() {
            return getMessage().startsWith(HandOvers.NO_CLAIM);
        }
    }

    HandOverSteps(ClusterServices cluster) {
        this.cluster = cluster;
    }

    // ---- steps

    /** Prepares to claim slots; returns the epoch in which that would be. */
    long prepare(MigrationJob.Plan plan) throws Refused {
        String epoch = ask(new OperatorRequest.PrepareClaim(plan.name(), SlotRanges.bitmap(plan.slots()), plan.source()));
        return Long.parseLong(epoch);
    }

    /** Gives slots out of this node's hands. */
    void grant(MigrationJob.Plan plan, long epoch) throws Refused {
        ask(new OperatorRequest.GrantSlots(plan.name(), SlotRanges.bitmap(plan.slots()), plan.target(), epoch));
    }

    /** Takes slots back that the target will not claim. */
    void revoke(String job) throws Refused {
        ask(new OperatorRequest.RevokeGrant(job));
    }

    /** The target has the slots. */
    void end(String job) throws Refused {
        ask(new OperatorRequest.EndGrant(job));
    }

    /** Makes slots this node's that were granted. */
    void claim(MigrationJob.Plan plan, long epoch) throws Refused {
        ask(new OperatorRequest.ClaimSlots(plan.name(), SlotRanges.bitmap(plan.slots()), plan.source(), epoch));
    }

    /** What came of a move is gone. */
    void forget(String job) throws Refused {
        ask(new OperatorRequest.ForgetImport(job));
    }

    private String ask(OperatorRequest.HandOverStep step) throws Refused {
        Output.Answer answer = cluster.ask(step);
        if (answer.error() != null) {
            throw new Refused(answer.error());
        }
        return answer.text();
    }

    // ---- the view

    ClusterView view() {
        return cluster.view();
    }

    NodeId myself() {
        return view().myself().id();
    }

    /** Whether this node is a primary that owns all these slots. */
    boolean owns(SlotSet slots) {
        ClusterView view = view();
        boolean all = view.myself().isPrimary();
        for (int slot = slots.next(0); all && slot >= 0; slot = slots.next(slot + 1)) {
            all = view.isMine(slot);
        }
        return all;
    }

    /** Who owns all these slots, or null where nobody or several do. */
    NodeView owner(SlotSet slots) {
        ClusterView view = view();
        NodeView owner = view.owner(slots.next(0));
        for (int slot = slots.next(0); owner != null && slot >= 0; slot = slots.next(slot + 1)) {
            owner = view.owner(slot) == owner ? owner : null;
        }
        return owner;
    }

    /** Who leads the shard of a node now, or null where that is not known. */
    NodeView leader(NodeId member) {
        ClusterView view = view();
        NodeView node = view.node(member);
        if (node == null || node.isPrimary() && !node.is(NodeFlag.FAIL)) {
            return node;
        }
        String shard = node.shard();
        NodeId primary = node.primary();
        return view.nodes().stream().filter(each -> each.isPrimary() && !each.is(NodeFlag.FAIL))
                .filter(each -> each.id().equals(primary) || each.shard().equals(shard)).findFirst().orElse(node);
    }

    /** Where a node's port for clients is. */
    static InetSocketAddress address(NodeView node) {
        return new InetSocketAddress(node.ip(), node.port());
    }
}
