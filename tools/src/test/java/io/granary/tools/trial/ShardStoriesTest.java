package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.tools.trial.Trials.Handover;
import io.granary.tools.trial.Trials.Stale;
import io.granary.tools.trial.Trials.Takeover;
import io.granary.tools.trial.Writer.Loss;
import java.io.IOException;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Three shards of real processes under writing clients, told as numbered stories. Each leaves the cluster settled. What is
 * asserted is what was promised; how long it took is printed, and measured by {@code tools/bench/failover}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ShardStoriesTest extends ThreeShards {

    private static final int STALE_WRITES = 500;
    private static final int KEYS = 500;

    private static void tell(Record story) {
        System.out.println(story);
    }

    @Test
    @Order(1)
    void aPrimaryIsKilledAndItsReplicaTakesOver() throws IOException {
        TrialNode victim = cluster.primaries().getFirst();
        TrialNode replica = cluster.replicaOf(victim);
        survives(Trials.kill(cluster, victim));
        assertThat(cluster.ownerOf(victim)).isSameAs(replica);
        assertThat(replica.info("replication").number("connected_slaves")).isEqualTo(1);
    }

    @Test
    @Order(2)
    void aPrimaryStandsStillAndItsReplicaTakesOver() throws IOException {
        TrialNode victim = cluster.primaries().getFirst();
        TrialNode replica = cluster.replicaOf(victim);
        survives(Trials.pause(cluster));
        assertThat(cluster.ownerOf(victim)).isSameAs(replica);
    }

    private static void survives(Takeover story) {
        tell(story);
        SoftAssertions.assertSoftly(softly -> {
            softly.assertThat(story.loss().promised()).as("writes that a replica has confirmed").isPositive();
            softly.assertThat(story.loss().broken()).as("of them, lost").isZero();
            softly.assertThat(story.othersDown()).as("CLUSTERDOWN from another shard").isZero();
        });
    }

    @RepeatedTest(3)
    @Order(3)
    void aPausedPrimaryAcknowledgesNothingAfterItWasReplaced() throws IOException {
        Stale story = Trials.stale(cluster, STALE_WRITES);
        tell(story);
        assertThat(story).isEqualTo(new Stale(STALE_WRITES, 0, 0));
    }

    @Test
    @Order(4)
    void aShardIsHandedOverUnderLoad() throws IOException {
        TrialNode primary = cluster.primaries().getFirst();
        TrialNode replica = cluster.replicaOf(primary);
        Handover story = Trials.handover(cluster, primary);
        tell(story);
        assertThat(story.loss().lost()).isZero();
        assertThat(cluster.ownerOf(primary)).isSameAs(replica);
    }

    @Test
    @Order(5)
    void aPrimaryThatComesBackWithoutItsDataYieldsToItsReplica() throws IOException {
        assertThat(Restarts.forgetful(cluster, KEYS)).isEqualTo(KEYS);
    }

    @Test
    @Order(6)
    void aPrimaryThatComesBackWithAnOldFileYieldsToItsReplica() throws IOException {
        assertThat(Restarts.outdated(cluster, KEYS)).isEqualTo(KEYS);
    }

    @Test
    @Order(7)
    void allNodesAreRestartedWithTheirFiles() throws IOException {
        assertThat(Restarts.everything(cluster, KEYS)).isZero();
    }

    @Test
    @Order(8)
    void allNodesCrashAndComeBackWithTheirFiles() throws IOException {
        assertThat(Restarts.powerFailure(cluster, KEYS)).isZero();
    }

    @Test
    @Order(9)
    void oneNodeAfterTheOtherIsRestarted() throws IOException {
        assertThat(Restarts.rolling(cluster)).hasSize(NODES / 2).allSatisfy(ShardStoriesTest::nothingIsLost);
    }

    private static void nothingIsLost(Loss loss) {
        tell(loss);
        assertThat(loss.promised()).isPositive();
        assertThat(loss.lost()).isZero();
    }

    @RepeatedTest(20)
    @Order(10)
    @Tag("soak")
    void everythingHappensAgain() throws IOException {
        survives(Trials.kill(cluster));
        aPrimaryStandsStillAndItsReplicaTakesOver();
        aPausedPrimaryAcknowledgesNothingAfterItWasReplaced();
        aShardIsHandedOverUnderLoad();
        aPrimaryThatComesBackWithoutItsDataYieldsToItsReplica();
        aPrimaryThatComesBackWithAnOldFileYieldsToItsReplica();
        allNodesCrashAndComeBackWithTheirFiles();
        allNodesAreRestartedWithTheirFiles();
        oneNodeAfterTheOtherIsRestarted();
    }
}
