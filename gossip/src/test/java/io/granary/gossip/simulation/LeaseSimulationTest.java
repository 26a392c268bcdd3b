package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens to a cluster with replicas, clients were told the truth ({@link NoAcknowledgedWriteLost}), and when it
 * stops happening every slot is served again. One seed with {@code -Dgranary.simulation.seed=n}, many with {@code n-m}.
 */
final class LeaseSimulationTest {

    private static final int SEEDS_OF_A_BUILD = 40;
    private static final int SEEDS_OF_A_SOAK = 5000;

    static LongStream seedsOfABuild() {
        return Seeds.firstAnd(
                SEEDS_OF_A_BUILD, 662, 1960, 2129, 2284, 2390, 2434, 2502, 3243, 3337, 4144, 4420, 4473);
    }

    static LongStream seedsOfASoak() {
        return Seeds.first(SEEDS_OF_A_SOAK);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seedsOfABuild")
    void clientsAreToldTheTruth(long seed) {
        mistreat(seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seedsOfASoak")
    @Tag("soak")
    void clientsAreToldTheTruthForLong(long seed) {
        mistreat(seed);
    }

    @Test
    void aSeedRepeatsItself() {
        Simulation one = mistreat(7);
        Simulation other = mistreat(7);
        assertThat(other.timeline().planned()).isEqualTo(one.timeline().planned());
        assertThat(other.network().bytes()).isEqualTo(one.network().bytes());
    }

    private static Simulation mistreat(long seed) {
        Simulation simulation = new Simulation(seed);
        int primaries = 3 + 2 * simulation.random().nextInt(2);
        int replicas = 1 + simulation.random().nextInt(2);
        long nodeTimeoutMs = 500L << simulation.random().nextInt(3);
        simulation.start(primaries * (1 + replicas), nodeTimeoutMs);
        for (SimulatedNode node : simulation.nodes()) {
            node.clockRate(0.99 + simulation.random().nextDouble(0.02));
        }
        simulation.formShards(primaries);
        NoAcknowledgedWriteLost promise = new NoAcknowledgedWriteLost(simulation.nodes(), primaries);
        simulation.add(promise);
        Clients clients = new Clients(simulation, promise);
        clients.start();
        FailoverChaos chaos = new FailoverChaos(simulation, nodeTimeoutMs);
        chaos.badWires();
        int steps = 10 + simulation.random().nextInt(30);
        for (int i = 0; i < steps; i++) {
            chaos.step();
        }
        chaos.mend();
        simulation.awaitAgreement(90_000 + 10 * nodeTimeoutMs);
        boolean served = simulation.runUntil(() -> allServed(simulation, promise), 10_000);
        assertThat(served).as("seed " + seed + ": every slot is served again").isTrue();
        clients.stop();
        return simulation;
    }

    private static boolean allServed(Simulation simulation, NoAcknowledgedWriteLost promise) {
        for (int shard = 0; shard < promise.shards(); shard++) {
            int slot = promise.slot(shard);
            boolean served = simulation.nodes().stream().anyMatch(node -> node.view().isMine(slot) && node.view().ok()
                    && node.holdsLease() && node.replication().isWritable());
            if (!served) {
                return false;
            }
        }
        return true;
    }
}
