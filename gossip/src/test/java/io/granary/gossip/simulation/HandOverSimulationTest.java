package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.ClusterView;
import io.granary.gossip.ReplicaSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens while slots move, clients were told the truth ({@link HandOverKeepsWrites}), and when it stops happening
 * each slot has one owner, with all its data, and no move is stuck. One seed with {@code -Dgranary.simulation.seed=n}, many
 * with {@code n-m}.
 */
final class HandOverSimulationTest {

    private static final int SEEDS_OF_A_BUILD = 60;
    private static final int SEEDS_OF_A_SOAK = 3000;

    static LongStream seedsOfABuild() {
        return Seeds.firstAnd(
                SEEDS_OF_A_BUILD, 98, 139, 144, 167, 269, 276, 292, 397, 542, 554, 564, 702, 766, 982, 1177, 1235, 1238,
                1348, 1356, 1461, 1724, 2003, 2278, 2413);
    }

    static LongStream seedsOfASoak() {
        return Seeds.first(SEEDS_OF_A_SOAK);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seedsOfABuild")
    void slotsMoveWholeOrNotAtAll(long seed) {
        mistreat(seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seedsOfASoak")
    @Tag("soak")
    void slotsMoveWholeOrNotAtAllForLong(long seed) {
        mistreat(seed);
    }

    static void mistreat(long seed) {
        Simulation simulation = new Simulation(seed);
        RandomGenerator random = simulation.random();
        int primaries = 3 + random.nextInt(2);
        int replicas = 1 + random.nextInt(2);
        boolean durable = random.nextBoolean();
        // spare replicas go to primaries that have none
        boolean migrates = seed % 5 == 0;
        long nodeTimeoutMs = 500L << random.nextInt(2);
        simulation.start(primaries * (1 + replicas), nodeTimeoutMs);
        for (SimulatedNode node : simulation.nodes()) {
            node.clockRate(0.99 + random.nextDouble(0.02));
            node.replication().durable(durable);
            node.reconfigure(node.settings().withReplicas(new ReplicaSettings(10, false, 1, migrates, 10_000)));
        }
        simulation.formShards(primaries);
        List<Integer> slots = new ArrayList<>();
        for (int i = 0; i < primaries; i++) {
            slots.add(ClusterView.SLOTS * i / primaries);
            slots.add(ClusterView.SLOTS * i / primaries + 1);
        }
        SlotWrites writes = new SlotWrites();
        HandOverKeepsWrites promise = new HandOverKeepsWrites(simulation, durable, slots);
        simulation.add(promise);
        SlotMoves moves = new SlotMoves(simulation, writes);
        SlotClients clients = new SlotClients(simulation, writes, promise, moves);
        clients.start();
        moves.sweep();
        FailoverChaos chaos = new FailoverChaos(simulation, nodeTimeoutMs);
        moves.onStep(node -> {
            if (random.nextInt(40) == 0) {
                chaos.befallSoon(node);
            }
        });
        int steps = 10 + random.nextInt(30);
        for (int i = 0; i < steps; i++) {
            for (int moved = random.nextInt(4); moved > 0; moved--) {
                move(simulation, moves, slots);
            }
            if (random.nextBoolean()) {
                chaos.step();
            } else {
                simulation.run(random.nextLong(500));
            }
        }
        moves.onStep(_ -> { });
        chaos.mend();
        boolean quiet = simulation.runUntil(() -> simulation.nodes().stream().noneMatch(moves::isBusy), 120_000);
        assertThat(quiet).as("seed " + seed + ": no move is stuck").isTrue();
        simulation.awaitAgreement(90_000 + 10 * nodeTimeoutMs);
        clients.stop();
        boolean served = simulation.runUntil(() -> allServed(simulation, slots, clients), 10_000);
        assertThat(served).as("seed " + seed + ": every slot is served again").isTrue();
        for (int slot : slots) {
            SimulatedNode owner = simulation.nodes().stream()
                    .filter(node -> clients.isWritable(node, slot)).findFirst().orElseThrow();
            assertThat(promise.lacks(owner, slot))
                    .as("seed " + seed + ": what " + owner + " lacks of slot " + slot).isEmpty();
        }
    }

    private static void move(Simulation simulation, SlotMoves moves, List<Integer> slots) {
        RandomGenerator random = simulation.random();
        int slot = slots.get(random.nextInt(slots.size()));
        List<Integer> both = slots.contains(slot + 1) && random.nextBoolean() ? List.of(slot, slot + 1) : List.of(slot);
        List<SimulatedNode> primaries = simulation.nodes().stream()
                .filter(node -> node.fate() == SimulatedNode.Fate.RUNNING && node.view().myself().isPrimary()).toList();
        if (!primaries.isEmpty()) {
            SimulatedNode target = primaries.get(random.nextInt(primaries.size()));
            primaries.stream().filter(node -> node.view().isMine(slot)).forEach(source -> moves.begin(source, target, both));
        }
    }

    private static boolean allServed(Simulation simulation, List<Integer> slots, SlotClients clients) {
        return slots.stream().allMatch(slot -> simulation.nodes().stream()
                .filter(node -> clients.isWritable(node, slot) && node.holdsLease()).count() == 1);
    }
}
