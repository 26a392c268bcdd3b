package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens to a cluster, the invariants hold, and when it stops happening the cluster heals. Run one seed with
 * {@code -Dgranary.simulation.seed=n}, many with {@code -Dgranary.simulation.seed=n-m}.
 */
final class SeededSimulationTest {

    private static final int SEEDS_OF_A_BUILD = 24;

    static LongStream seeds() {
        return Seeds.first(SEEDS_OF_A_BUILD);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aClusterThatWasMistreatedHeals(long seed) {
        mistreat(seed);
    }

    @Test
    void aSeedRepeatsItself() {
        Simulation one = mistreat(7);
        Simulation other = mistreat(7);
        assertThat(other.timeline().planned()).isEqualTo(one.timeline().planned());
        assertThat(other.network().bytes()).isEqualTo(one.network().bytes());
        assertThat(other.elapsedMs()).isEqualTo(one.elapsedMs());
    }

    private static Simulation mistreat(long seed) {
        Simulation simulation = new Simulation(seed);
        int size = 2 + simulation.random().nextInt(6);
        long nodeTimeoutMs = 500L << simulation.random().nextInt(4);
        simulation.start(size, nodeTimeoutMs);
        simulation.form();
        simulation.awaitAgreement(60_000);
        boolean carefulOperators = simulation.random().nextBoolean();
        Chaos chaos = new Chaos(simulation, nodeTimeoutMs, carefulOperators);
        chaos.badWires();
        int steps = 10 + simulation.random().nextInt(30);
        for (int i = 0; i < steps; i++) {
            chaos.step();
        }
        chaos.mend();
        simulation.awaitAgreement(60_000 + 10 * nodeTimeoutMs);
        return simulation;
    }
}
