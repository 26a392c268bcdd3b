package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.OperatorRequest.FailoverKind;
import io.granary.gossip.Output;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who takes over from whom, when, and with what data: real elections, by many seeds. */
final class FailoverTest {

    private static final long NODE_TIMEOUT_MS = 1000;

    private static final int SEEDS_OF_A_BUILD = 8;

    private Simulation simulation;

    /** Who has asked for votes. */
    private final Set<String> asked = new HashSet<>();

    /** Some of them, or all that were asked for. */
    static LongStream seeds() {
        return System.getProperty("granary.simulation.seed") == null
                ? LongStream.rangeClosed(1, SEEDS_OF_A_BUILD)
                : SeededSimulationTest.seeds();
    }

    /** Three primaries, n1 to n3, and replicas in turn: n4 and n7 of n1, n5 and n8 of n2. */
    private void start(long seed, int nodes) {
        start(seed, nodes, 3);
    }

    private void start(long seed, int nodes, int shards) {
        simulation = new Simulation(seed);
        simulation.start(nodes, NODE_TIMEOUT_MS);
        simulation.formShards(shards);
        simulation.onLog((node, text) -> {
            if (text.startsWith("Starting a failover election")) {
                asked.add(node.toString());
            }
        });
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
    @MethodSource("seeds")
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
    @MethodSource("seeds")
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

    /** There the primary's own vote is needed: nobody has a majority without it. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneOrTwoShardsAreEnoughForAnAgreedFailover(long seed) {
        for (int shards = 1; shards <= 2; shards++) {
            start(seed, 2 * shards, shards);
            SimulatedNode replica = node(shards + 1);
            write(node(1), 100);
            replica.ask(new OperatorRequest.Failover(FailoverKind.AGREED),
                    answer -> assertThat(answer.text()).isEqualTo("OK"));
            assertThat(millisUntil(() -> allFollow(replica, 0))).as("with %d shards", shards).isLessThan(1000);
            assertThat(replica.replication().writes()).hasSize(100);
            simulation.awaitAgreement(30_000);
            node(1).ask(new OperatorRequest.Failover(FailoverKind.AGREED),
                    answer -> assertThat(answer.text()).isEqualTo("OK"));
            assertThat(millisUntil(() -> allFollow(node(1), 0))).as("back, with %d shards", shards).isLessThan(1000);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theReplicaThatIsAheadWins(long seed) {
        start(seed, 9);
        SimulatedNode behind = node(simulation.random().nextBoolean() ? 4 : 7);
        SimulatedNode ahead = behind == node(4) ? node(7) : node(4);
        write(node(1), 100);
        simulation.run(simulation.random().nextLong(1000));
        behind.replication().stuck(true);
        write(node(1), 1);
        millisUntil(() -> ahead.replication().writes().size() == 101);
        node(1).kill(simulation.random().nextBoolean());
        millisUntil(() -> allFollow(ahead, 0));
        behind.replication().stuck(false);
        millisUntil(() -> behind.replication().writes().size() == 101);
        assertThat(behind.view().myself().primary()).isEqualTo(SimulatedNode.idOf(ahead.number()));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void afterACrashOfTheWholeShardTheLatestSnapshotLeads(long seed) {
        start(seed, 6);
        boolean replicas = simulation.random().nextBoolean();
        SimulatedNode early = replicas ? node(1) : node(4);
        SimulatedNode late = replicas ? node(4) : node(1);
        writeToBoth(50);
        early.replication().save();
        writeToBoth(60);
        late.replication().save();
        writeToBoth(70);
        node(1).kill(simulation.random().nextBoolean());
        node(4).kill(simulation.random().nextBoolean());
        simulation.run(simulation.random().nextLong(3000));
        node(simulation.random().nextBoolean() ? 1 : 4).start();
        simulation.run(simulation.random().nextLong(3000));
        Stream.of(node(1), node(4)).filter(node -> node.fate() != SimulatedNode.Fate.RUNNING).forEach(SimulatedNode::start);
        millisUntil(() -> late.replication().writes().equals(early.replication().writes())
                && late.replication().isPrimary() != early.replication().isPrimary()
                && (late.replication().isWritable() || early.replication().isWritable()));
        assertThat(late.replication().writes()).hasSize(60);
        simulation.awaitAgreement(30_000);
    }

    private void writeToBoth(int upTo) {
        write(node(1), upTo - node(1).replication().writes().size());
        millisUntil(() -> node(4).replication().writes().size() == upTo);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aCandidateThatDiesAfterAskingIsFollowedByItsSibling(long seed) {
        start(seed, 9);
        node(1).kill(false);
        millisUntil(() -> asked.contains("n4") || asked.contains("n7"));
        SimulatedNode candidate = asked.contains("n4") ? node(4) : node(7);
        SimulatedNode sibling = candidate == node(4) ? node(7) : node(4);
        simulation.run(simulation.random().nextLong(15));
        candidate.kill(true);
        millisUntil(() -> allFollow(sibling, 0) || allFollow(candidate, 0) && node(2).sees(candidate).is(NodeFlag.FAIL));
        // with all votes the dead one may have been heard to win; then it is succeeded as well
        long tookMs = millisUntil(() -> allFollow(sibling, 0));
        assertThat(tookMs).isLessThan(20_000);
        candidate.start();
        node(1).start();
        simulation.awaitAgreement(60_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void primariesThatDieTogetherAreAllSucceeded(long seed) {
        simulation = new Simulation(seed);
        simulation.start(10, NODE_TIMEOUT_MS);
        simulation.formShards(5);
        node(1).kill(false);
        simulation.run(simulation.random().nextLong(30));
        node(2).kill(false);
        millisUntil(() -> running().allMatch(node -> node.sees(node(1)).is(NodeFlag.FAIL)));
        long tookMs = millisUntil(() -> allFollow(node(6), 0) && allFollow(node(7), 4000));
        assertThat(tookMs).as("milliseconds since the failures were known").isLessThan(1500);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aPrimaryWhoseSuccessorDoesNotComeGoesOn(long seed) {
        start(seed, 6);
        boolean dies = simulation.random().nextBoolean();
        node(4).replication().stuck(true);
        write(node(1), 10);
        node(4).ask(new OperatorRequest.Failover(FailoverKind.AGREED), _ -> { });
        millisUntil(() -> !node(1).replication().isWritable());
        if (dies) {
            node(4).kill(false);
        }
        long tookMs = millisUntil(() -> node(1).replication().isWritable());
        assertThat(tookMs).isBetween(4800L, 5300L);
        assertThat(node(1).view().myself().isPrimary()).isTrue();
        write(node(1), 1);
        node(4).replication().stuck(false);
        if (dies) {
            node(4).start();
        }
        simulation.awaitAgreement(60_000);
        assertThat(node(2).view().owner(0).id()).isEqualTo(SimulatedNode.idOf(1));
    }

    /** n4, of n1, goes to n2 and gets nothing from it: what it has is of other slots, however much it is. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aReplicaWithAnotherShardsDataSucceedsNobody(long seed) {
        start(seed, 6);
        write(node(1), 100);
        write(node(2), 10);
        millisUntil(() -> node(4).replication().writes().size() == 100 && node(5).replication().writes().size() == 10);
        node(4).replication().stuck(true);
        node(4).ask(new OperatorRequest.Replicate(SimulatedNode.idOf(2).hex(), false),
                answer -> assertThat(answer.text()).isEqualTo("OK"));
        millisUntil(() -> node(5).sees(node(4)).primary() != null
                && node(5).sees(node(4)).primary().equals(SimulatedNode.idOf(2)));
        node(5).kill(false);
        node(2).kill(false);
        simulation.run(20 * NODE_TIMEOUT_MS);
        assertThat(asked).doesNotContain("n4");
        Output.Answer[] forced = new Output.Answer[1];
        node(4).ask(new OperatorRequest.Failover(FailoverKind.FORCE), answer -> forced[0] = answer);
        assertThat(forced[0].error()).startsWith("ERR This replica was never in step with its master");
        node(5).start();
        node(2).start();
        node(4).replication().stuck(false);
        simulation.awaitAgreement(60_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void byForceOrUnaskedTheClusterAgreesInTheEnd(long seed) {
        start(seed, 9);
        write(node(1), 100);
        FailoverKind kind = simulation.random().nextBoolean() ? FailoverKind.FORCE : FailoverKind.TAKEOVER;
        boolean hung = simulation.random().nextBoolean();
        if (hung) {
            node(1).pause();
        }
        node(4).ask(new OperatorRequest.Failover(kind), answer -> assertThat(answer.text()).isEqualTo("OK"));
        // promises to the old primary are kept
        assertThat(millisUntil(() -> node(4).view().isMine(0) && node(4).replication().isWritable())).isLessThan(1000);
        if (hung) {
            simulation.run(simulation.random().nextLong(500));
            node(1).resume();
        }
        simulation.awaitAgreement(60_000);
        assertThat(node(1).view().myself().primary()).isEqualTo(SimulatedNode.idOf(4));
        assertThat(node(7).view().myself().primary()).isEqualTo(SimulatedNode.idOf(4));
        millisUntil(() -> node(1).replication().writes().equals(node(4).replication().writes()));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void twoReplicasThatAreOrderedAtOnceDoNotBothLead(long seed) {
        start(seed, 9);
        node(4).ask(new OperatorRequest.Failover(FailoverKind.FORCE), _ -> { });
        simulation.run(simulation.random().nextLong(10));
        node(7).ask(new OperatorRequest.Failover(FailoverKind.FORCE), _ -> { });
        millisUntil(() -> node(4).view().isMine(0) || node(7).view().isMine(0));
        simulation.awaitAgreement(60_000);
        assertThat(Stream.of(1, 4, 7).filter(number -> node(number).view().isMine(0)).count()).isEqualTo(1);
    }
}
