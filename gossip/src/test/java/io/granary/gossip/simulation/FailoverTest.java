package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.OperatorRequest.FailoverKind;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who takes over from whom, when, and with what data: real elections, by many seeds. */
final class FailoverTest {

    private static final long NODE_TIMEOUT_MS = 1000;

    private Simulation simulation;

    /** Three primaries, n1 to n3, and replicas in turn: n4 and n7 of n1, n5 and n8 of n2. */
    private void start(long seed, int nodes) {
        simulation = new Simulation(seed);
        simulation.start(nodes, NODE_TIMEOUT_MS);
        simulation.formShards(3);
    }

    private SimulatedNode node(int number) {
        return simulation.node(number);
    }

    private void write(SimulatedNode node, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(node.replication().isWritable()).isTrue();
            node.replication().write(simulation.random().nextLong());
        }
    }

    private long millisUntil(BooleanSupplier condition) {
        long before = simulation.elapsedMs();
        assertThat(simulation.runUntil(condition, 60_000)).as("seed " + simulation.seed() + " within a minute").isTrue();
        return simulation.elapsedMs() - before;
    }

    private Stream<SimulatedNode> running() {
        return simulation.nodes().stream().filter(node -> node.fate() == SimulatedNode.Fate.RUNNING);
    }

    private boolean allFollow(SimulatedNode primary, int slot) {
        return running().allMatch(node -> node.view().owner(slot).id().equals(SimulatedNode.idOf(primary.number()))
                && node.view().ok());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.granary.gossip.simulation.SeededSimulationTest#seeds")
    void theReplicaOfADeadPrimarySucceedsItAtOnce(long seed) {
        start(seed, 6);
        write(node(1), 100);
        simulation.run(50);
        List<Long> written = List.copyOf(node(1).replication().writes());
        node(1).kill(false);
        millisUntil(() -> node(4).sees(node(1)).is(NodeFlag.FAIL));
        long tookMs = millisUntil(() -> allFollow(node(4), 0));
        assertThat(tookMs).as("milliseconds since the failure was known").isLessThan(200);
        assertThat(node(4).replication().writes()).isEqualTo(written);
        assertThat(node(4).replication().isWritable()).isTrue();
        node(1).start();
        simulation.awaitAgreement(30_000);
        assertThat(node(1).view().myself().primary()).isEqualTo(SimulatedNode.idOf(4));
        millisUntil(() -> node(1).replication().writes().equals(written));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.granary.gossip.simulation.SeededSimulationTest#seeds")
    void anAgreedFailoverLosesNothingAndTakesNoTime(long seed) {
        start(seed, 6);
        write(node(1), 100);
        node(4).ask(new OperatorRequest.Failover(FailoverKind.AGREED), answer -> assertThat(answer.text()).isEqualTo("OK"));
        long tookMs = millisUntil(() -> {
            if (node(1).replication().isWritable()) {
                write(node(1), 1);
            }
            return allFollow(node(4), 0);
        });
        assertThat(tookMs).isLessThan(200);
        List<Long> written = List.copyOf(node(1).replication().writes());
        assertThat(written.size()).isGreaterThan(100);
        assertThat(node(4).replication().writes()).isEqualTo(written);
        simulation.awaitAgreement(30_000);
        assertThat(node(1).view().myself().primary()).isEqualTo(SimulatedNode.idOf(4));
    }
}
