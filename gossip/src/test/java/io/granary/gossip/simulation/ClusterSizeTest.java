package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.OperatorRequest;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What large clusters cost: the time until all agree, and the messages that it takes. */
final class ClusterSizeTest {

    private static final long NODE_TIMEOUT_MS = 15_000;

    /** Larger clusters are simulated until they agree, which takes long enough. */
    private static final int LIMIT = 300;

    /** How long the traffic of a cluster at rest is counted. */
    private static final int REST_S = 5;

    @Test
    void fiftyNodesAgreeWithinSecondsAndSomeHundredMessagesANodeAndSecond() {
        Simulation simulation = new Simulation(1);
        simulation.start(50, NODE_TIMEOUT_MS);
        simulation.formInEpochs();
        simulation.awaitAgreement(60_000);
        long before = simulation.network().messages();
        simulation.run(2000);
        double perNodeAndSecond = (simulation.network().messages() - before) / 50.0 / 2;
        // each asks 30 of the others for a promise of half a second three times as often, and each ping is answered
        assertThat(perNodeAndSecond).isBetween(200.0, 400.0);
    }

    /** Prints a line of the table in docs/adr/0008. */
    @ParameterizedTest
    @ValueSource(ints = {10, 100, 300, 1000})
    @Tag("soak")
    void aClusterAgreesAndOutlivesItsPrimaries(int size) {
        long startedNs = System.nanoTime();
        Simulation simulation = new Simulation(1);
        simulation.network().carryUnencoded();
        Traffic traffic = new Traffic(simulation);
        simulation.start(size, NODE_TIMEOUT_MS);
        simulation.giveEpochs();
        simulation.giveSlots(size / 2);
        traffic.begin();
        simulation.meetAll();
        simulation.awaitAgreement(120_000);
        System.out.printf("%d nodes agree %s%n", size, traffic);
        if (size > LIMIT) {
            return;
        }
        replicate(simulation, size / 2);
        traffic.begin();
        simulation.run(REST_S * 1000);
        System.out.printf("%d nodes at rest %s%n", size, traffic);
        succeeded(simulation, traffic, simulation.node(1 + size / 4), false);
        succeeded(simulation, traffic, simulation.node(2 + size / 4), true);
        System.out.printf("%d nodes took %d s%n", size, (System.nanoTime() - startedNs) / 1_000_000_000);
    }

    private static void replicate(Simulation simulation, int primaries) {
        for (SimulatedNode replica : simulation.nodes().subList(primaries, simulation.nodes().size())) {
            SimulatedNode primary = simulation.nodes().get((replica.number() - 1) % primaries);
            replica.ask(new OperatorRequest.Replicate(primary.id().hex(), false), _ -> { });
        }
        simulation.run(1000);
        simulation.awaitAgreement(60_000);
        // voters as young as this would wait with their votes
        simulation.run(2000);
    }

    /** A primary dies, its process alone or with its machine: all are to know that, and who has taken its place. */
    private static void succeeded(Simulation simulation, Traffic traffic, SimulatedNode dead, boolean powerless) {
        int slot = dead.view().slotsOf(dead.view().myself()).next(0);
        List<SimulatedNode> others = simulation.nodes().stream().filter(node -> node.isAlive() && node != dead).toList();
        traffic.begin();
        dead.kill(powerless);
        awaitAll(simulation, others, node -> node.sees(dead).is(NodeFlag.FAIL));
        System.out.printf("%s: all know %s%n", powerless ? "no power" : "no process", traffic);
        awaitAll(simulation, others, node -> {
            var owner = node.view().owner(slot);
            return owner != null && !owner.id().equals(dead.id()) && node.view().ok();
        });
        System.out.printf("%s: all know the successor %s%n", powerless ? "no power" : "no process", traffic);
    }

    private static void awaitAll(Simulation simulation, List<SimulatedNode> nodes, Predicate<SimulatedNode> condition) {
        boolean met = false;
        for (int i = 0; i < 6000 && !met; i++) {
            simulation.run(10);
            met = nodes.stream().allMatch(condition);
        }
        assertThat(met).isTrue();
    }

    /** What was sent since, for each node. */
    private static final class Traffic {
        private final Simulation simulation;
        private long beganMs;
        private long messages;
        private long bytes;

        Traffic(Simulation simulation) {
            this.simulation = simulation;
        }

        void begin() {
            beganMs = simulation.elapsedMs();
            messages = simulation.network().messages();
            bytes = simulation.network().bytes();
        }

        @Override
        public String toString() {
            double nodes = simulation.nodes().size();
            double messagesEach = (simulation.network().messages() - messages) / nodes;
            double kbEach = (simulation.network().bytes() - bytes) / nodes / 1000;
            long ms = simulation.elapsedMs() - beganMs;
            return String.format("after %d ms: %.0f messages and %.0f kB a node, %.0f and %.0f a second",
                    ms, messagesEach, kbEach, messagesEach * 1000 / ms, kbEach * 1000 / ms);
        }
    }
}
