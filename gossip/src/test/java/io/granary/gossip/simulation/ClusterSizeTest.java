package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

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

    @Test
    @Tag("soak")
    void aThousandNodesAgree() {
        formed(1000);
    }

    private static Simulation formed(int size) {
        Simulation simulation = new Simulation(1);
        simulation.start(size, 15_000);
        simulation.formInEpochs();
        simulation.awaitAgreement(60_000);
        return simulation;
    }
}
