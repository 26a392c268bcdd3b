package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two replicas of a dead primary ask for votes in the same epochs, again and again, while the voters lose power between
 * deciding and remembering. The invariant {@link OneVotePerEpoch} watches.
 */
final class ElectionTest {

    private static final long NODE_TIMEOUT_MS = 1000;
    private static final int ELECTIONS = 12;

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("io.granary.gossip.simulation.SeededSimulationTest#seeds")
    void noElectionIsWonTwiceAndSomeAreWon(long seed) {
        Simulation simulation = new Simulation(seed);
        simulation.start(6, NODE_TIMEOUT_MS);
        simulation.formInEpochs();
        simulation.awaitAgreement(30_000);
        SimulatedNode primary = simulation.node(1);
        List<SimulatedNode> voters = simulation.nodes().subList(1, 6);
        ScriptedReplica one = new ScriptedReplica(101, primary, simulation.network());
        ScriptedReplica other = new ScriptedReplica(102, primary, simulation.network());
        for (ScriptedReplica replica : List.of(one, other)) {
            simulation.ask(voters.getFirst(), new OperatorRequest.Meet(replica.ip(), 7000, replica.busPort()));
        }
        run(simulation, () -> voters.stream().allMatch(voter -> isReplica(voter, one) && isReplica(voter, other)));
        primary.kill(false);
        run(simulation, () -> voters.stream().allMatch(voter -> voter.sees(primary).is(NodeFlag.FAIL)));

        int won = 0;
        for (int i = 0; i < ELECTIONS; i++) {
            long epoch = Math.max(one.currentEpoch(), other.currentEpoch()) + 1;
            one.campaign(epoch);
            simulation.run(simulation.random().nextLong(20));
            other.campaign(epoch);
            SimulatedNode unlucky = voters.get(simulation.random().nextInt(voters.size()));
            simulation.run(simulation.random().nextLong(20));
            unlucky.kill(simulation.random().nextBoolean());
            simulation.run(100);
            unlucky.start();
            simulation.run(1000);
            // asks the one who has forgotten, if anybody has
            other.campaign(epoch);
            int majority = simulation.nodes().size() / 2 + 1;
            simulation.run(3 * NODE_TIMEOUT_MS);
            won += one.votes() >= majority || other.votes() >= majority ? 1 : 0;
        }
        assertThat(won).as("elections won").isPositive();
    }

    private static boolean isReplica(SimulatedNode voter, ScriptedReplica replica) {
        NodeView node = voter.view().node(replica.id());
        return node != null && node.is(NodeFlag.REPLICA) && node.linked();
    }

    private static void run(Simulation simulation, BooleanSupplier until) {
        assertThat(simulation.runUntil(until, 60_000)).isTrue();
    }
}
