package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.ClusterView.OwnedRange;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.Output;
import io.granary.gossip.wire.BusMessage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A node is called failed only after most of the primaries that own slots, by the caller's own view, have each lost it for
 * themselves within the time for which reports count.
 */
final class FailNeedsAMajority implements Invariant {

    private record Suspicion(NodeId observer, NodeId suspect) {}

    private final Simulation simulation;
    private final Map<Suspicion, Long> lastSuspectedMs = new HashMap<>();

    /** Who has called whom failed, until the view follows from which it has done so. */
    private final Map<SimulatedNode, BusMessage.Fail> called = new HashMap<>();

    FailNeedsAMajority(Simulation simulation) {
        this.simulation = simulation;
    }

    @Override
    public void sees(SimulatedNode node, ClusterView before, ClusterView view, long nowMs) {
        if (before != null) {
            noteSuspicions(before, nowMs);
        }
        noteSuspicions(view, nowMs);
    }

    private void noteSuspicions(ClusterView view, long nowMs) {
        for (NodeView other : view.nodes()) {
            if (other.is(NodeFlag.PFAIL) || other.is(NodeFlag.FAIL)) {
                lastSuspectedMs.put(new Suspicion(view.myself().id(), other.id()), nowMs);
            }
        }
    }

    @Override
    public void does(SimulatedNode node, Output output, long nowMs) {
        if (output instanceof Output.Send(long _, BusMessage.Fail fail)) {
            called.put(node, fail);
        } else if (output instanceof Output.Publish(ClusterView view) && called.containsKey(node)) {
            check(node, view, called.remove(node), nowMs);
        }
    }

    private void check(SimulatedNode node, ClusterView view, BusMessage.Fail fail, long nowMs) {
        // whoever suspects may not have said so anew for long
        for (SimulatedNode each : simulation.nodes()) {
            if (each.isListening()) {
                noteSuspicions(each.view(), nowMs);
            }
        }
        // a report is sent, travels and is kept for twice the node timeout
        long since = nowMs - 4 * node.settings().nodeTimeoutMs() - 10_000;
        Set<NodeId> voters = new HashSet<>();
        for (OwnedRange range : view.ranges()) {
            voters.add(range.owner().id());
        }
        // the caller has lost it too, whether or not it has said so in a view yet
        long agreed = voters.stream()
                .filter(voter -> voter.equals(fail.header().sender())
                        || lastSuspectedMs.getOrDefault(new Suspicion(voter, fail.node()), -1L) >= since)
                .count();
        if (agreed < voters.size() / 2 + 1) {
            Invariant.violated("%s calls %s failed, but only %d of %d primaries have lost it",
                    node, fail.node(), agreed, voters.size());
        }
    }
}
