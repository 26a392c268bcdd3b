package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.NodeFlag;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What large clusters cost: the time until all agree, and the messages that it takes. */
final class ClusterSizeTest {

    @Test
    void fiftyNodesAgreeWithinSecondsAndSomeHundredMessagesANodeAndSecond() {
        Simulation simulation = formed(50);
        long before = simulation.network().messages();
        simulation.run(2000);
        double perNodeAndSecond = (simulation.network().messages() - before) / 50.0 / 2;
        // each asks 30 of the others for a promise of half a second three times as often, and each ping is answered
        assertThat(perNodeAndSecond).isBetween(200.0, 400.0);
    }

    /** Prints what docs/adr/0008 quotes. */
    @Test
    @Tag("soak")
    void aThousandNodesAgree() {
        int size = 1000;
        Simulation simulation = formed(size);
        System.out.printf("%d primaries agree after %d ms%n", size, simulation.elapsedMs());
        long messages = simulation.network().messages();
        long bytes = simulation.network().bytes();
        simulation.run(2000);
        System.out.printf("each sends %.0f messages and %.0f kB a second%n",
                (simulation.network().messages() - messages) / 2.0 / size,
                (simulation.network().bytes() - bytes) / 2000.0 / size);
        SimulatedNode dead = simulation.node(7);
        dead.kill(false);
        long killedMs = simulation.elapsedMs();
        boolean known = simulation.runUntil(() -> simulation.nodes().stream()
                .allMatch(node -> node == dead || node.sees(dead).is(NodeFlag.FAIL)), 60_000);
        assertThat(known).isTrue();
        System.out.printf("all know of a death after %d ms%n", simulation.elapsedMs() - killedMs);
    }

    private static Simulation formed(int size) {
        Simulation simulation = new Simulation(1);
        simulation.start(size, 15_000);
        simulation.formInEpochs();
        simulation.awaitAgreement(60_000);
        return simulation;
    }
}
