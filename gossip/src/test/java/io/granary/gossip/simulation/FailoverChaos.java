package io.granary.gossip.simulation;

import io.granary.gossip.OperatorRequest;
import io.granary.gossip.OperatorRequest.FailoverKind;
import io.granary.gossip.Output;
import io.granary.gossip.wire.BusMessage;
import java.util.random.RandomGenerator;

/**
 * Does to a cluster with replicas, by chance, what makes a primary and its successor meet: deaths, pauses and partitions in
 * any moment, and on purpose just when somebody has voted or won and has told nobody yet.
 */
final class FailoverChaos implements Invariant {

    private final Simulation simulation;
    private final RandomGenerator random;
    private final Mishaps mishaps;
    private final long nodeTimeoutMs;
    private int ambushes;

    FailoverChaos(Simulation simulation, long nodeTimeoutMs) {
        this.simulation = simulation;
        this.random = simulation.random();
        this.mishaps = new Mishaps(simulation);
        this.nodeTimeoutMs = nodeTimeoutMs;
        simulation.add(this);
    }

    /** Makes the wires as bad as chance will have it. */
    void badWires() {
        simulation.network().faults(switch (random.nextInt(5)) {
            case 0 -> SimulatedNetwork.Faults.NONE;
            case 1 -> new SimulatedNetwork.Faults(60, 5, 20, 50);
            case 2 -> new SimulatedNetwork.Faults(1 + nodeTimeoutMs / 8, 0, 100, 0);
            case 3 -> new SimulatedNetwork.Faults(2 * nodeTimeoutMs, 0, 20, 20);
            default -> new SimulatedNetwork.Faults(200, 100, 50, 200);
        });
    }

    /** Makes one thing go wrong, or right again, and lets some time pass. */
    void step() {
        SimulatedNode node = mishaps.any();
        switch (random.nextInt(14)) {
            case 0 -> mishaps.partition();
            case 1, 2 -> simulation.network().cut(node, mishaps.any());
            case 3, 4 -> simulation.network().heal();
            case 5, 6 -> mishaps.pauseOrResume(node);
            case 7, 8 -> mishaps.killOrStart(node);
            case 9 -> node.disk().latency(random.nextBoolean() ? 20 : 1500);
            case 10 -> node.disk().full(random.nextInt(4) == 0);
            case 11 -> order(node);
            case 12 -> ambushes = 3;
            default -> badWires();
        }
        long ms = random.nextBoolean() ? random.nextLong(400) : random.nextLong(3 * nodeTimeoutMs);
        simulation.run(ms);
    }

    private void order(SimulatedNode node) {
        if (node.fate() == SimulatedNode.Fate.RUNNING) {
            FailoverKind kind = random.nextInt(3) == 0 ? FailoverKind.FORCE : FailoverKind.AGREED;
            node.ask(new OperatorRequest.Failover(kind), _ -> { });
        }
    }

    @Override
    public void does(SimulatedNode node, Output output, long nowMs) {
        boolean won = output instanceof Output.Promote;
        boolean voted = output instanceof Output.Send(long _, BusMessage.FailoverAuthAck _);
        if (ambushes > 0 && (won || voted && random.nextInt(4) == 0)) {
            ambushes--;
            befallSoon(node);
        }
    }

    /** Within milliseconds one of the things happens to a node that can happen. */
    void befallSoon(SimulatedNode node) {
        int life = node.incarnation();
        simulation.timeline().in(random.nextLong(3), () -> {
            if (node.incarnation() == life) {
                befall(node);
            }
        });
    }

    private void befall(SimulatedNode node) {
        switch (random.nextInt(4)) {
            case 0 -> mishaps.killOrStart(node);
            case 1 -> simulation.nodes().forEach(other -> simulation.network().cut(node, other));
            default -> {
                if (node.fate() == SimulatedNode.Fate.RUNNING) {
                    mishaps.pauseOrResume(node);
                }
            }
        }
    }

    /** Ends all faults. */
    void mend() {
        ambushes = 0;
        mishaps.mend();
    }
}
