package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import java.util.random.RandomGenerator;

/** Does to a cluster, one after the other and by chance, what happens to clusters, and in the end mends all of it. */
final class Chaos {

    private final Simulation simulation;
    private final RandomGenerator random;
    private final Mishaps mishaps;
    private final long nodeTimeoutMs;
    private final boolean carefulOperators;
    private int nextSlot;

    /**
     * @param carefulOperators whether operators change the cluster only when all agree, one change at a time, and then also
     *     move slots; others take epochs whenever they like, many at once
     */
    Chaos(Simulation simulation, long nodeTimeoutMs, boolean carefulOperators) {
        this.carefulOperators = carefulOperators;
        this.simulation = simulation;
        this.random = simulation.random();
        this.mishaps = new Mishaps(simulation);
        this.nodeTimeoutMs = nodeTimeoutMs;
    }

    /** Makes the wires as bad as chance will have it. */
    void badWires() {
        simulation.network().faults(switch (random.nextInt(4)) {
            case 0 -> SimulatedNetwork.Faults.NONE;
            case 1 -> new SimulatedNetwork.Faults(80, 20, 20, 50);
            case 2 -> new SimulatedNetwork.Faults(1 + nodeTimeoutMs / 8, 0, 100, 0);
            default -> new SimulatedNetwork.Faults(200, 150, 50, 200);
        });
    }

    /** Makes one thing go wrong, or right again, and lets some time pass. */
    void step() {
        SimulatedNode node = mishaps.any();
        switch (random.nextInt(10)) {
            case 0 -> mishaps.partition();
            case 1 -> simulation.network().cut(node, mishaps.any());
            case 2 -> simulation.network().heal();
            case 3 -> mishaps.pauseOrResume(node);
            case 4, 5 -> mishaps.killOrStart(node);
            case 6 -> node.disk().full(random.nextBoolean());
            case 7 -> node.disk().latency(random.nextBoolean() ? 20 : 1500);
            default -> operate(node);
        }
        simulation.run(random.nextLong(2 * nodeTimeoutMs));
    }

    private void operate(SimulatedNode node) {
        if (!carefulOperators) {
            order(node, new OperatorRequest.BumpEpoch());
        } else if (simulation.disagreement() == null) {
            if (random.nextBoolean()) {
                order(node, new OperatorRequest.BumpEpoch());
            } else {
                moveSlot(node);
            }
            simulation.runUntilAgreed(10 * nodeTimeoutMs);
        }
    }

    /**
     * As redis-cli moves an empty slot: each step waits for the one before, the new owner is told before the old one. No
     * slot is moved twice, as the steps of two moves at once could leave it to nobody.
     */
    private void moveSlot(SimulatedNode target) {
        int slot = nextSlot += 7;
        NodeView owner = target.view().owner(slot);
        if (owner == null || target.fate() != SimulatedNode.Fate.RUNNING || owner.is(NodeFlag.MYSELF)) {
            return;
        }
        String id = target.view().myself().id().hex();
        whenDone(target, new OperatorRequest.SetSlotImporting(slot, owner.id().hex()), () ->
                whenDone(target, new OperatorRequest.SetSlotNode(slot, id, false), () -> {
                    for (SimulatedNode node : simulation.nodes()) {
                        if (owner.id().equals(node.view().myself().id())) {
                            order(node, new OperatorRequest.SetSlotNode(slot, id, false));
                        }
                    }
                }));
    }

    private static void whenDone(SimulatedNode node, OperatorRequest request, Runnable next) {
        if (node.fate() == SimulatedNode.Fate.RUNNING) {
            node.ask(request, answer -> {
                if (answer.error() == null) {
                    next.run();
                }
            });
        }
    }

    private static void order(SimulatedNode node, OperatorRequest request) {
        if (node.fate() == SimulatedNode.Fate.RUNNING) {
            node.ask(request, _ -> { });
        }
    }

    /** Ends all faults. */
    void mend() {
        mishaps.mend();
    }
}
