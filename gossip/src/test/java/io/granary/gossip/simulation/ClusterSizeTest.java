package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What large clusters cost: the time until all agree, and the messages that it takes. */
final class ClusterSizeTest {

    @Test
    void aHundredNodesAgreeWithinSecondsAndAFewMessagesANodeAndSecond() {
        Simulation simulation = formed(100);
        long before = simulation.network().messages();
        simulation.run(10_000);
        double perNodeAndSecond = (simulation.network().messages() - before) / 100.0 / 10;
        // each ping is answered; a ping a second by chance, and one to each of 99 nodes every half of 15 s
        assertThat(perNodeAndSecond).isBetween(10.0, 40.0);
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
