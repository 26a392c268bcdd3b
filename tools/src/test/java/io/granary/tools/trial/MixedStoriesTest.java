package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeEntry;
import io.granary.tools.cluster.PortRange;
import io.granary.tools.trial.Trials.Handover;
import io.granary.tools.trial.Trials.Takeover;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Three shards in which each primary and its replica are of different make: ours take over from redis-server and the other
 * way round, killed and by hand, and hold the same data afterwards.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MixedStoriesTest extends ClusterStories {

    private static final int NODE_TIMEOUT_MS = 2000;
    private static final int SECONDS = 60;

    private TrialNode redis;
    private TrialNode ours;

    @Override
    protected TrialCluster start(Program granary) throws IOException {
        RedisTools.assumeInstalled();
        List<Program> programs = List.of(Program.REDIS, granary, Program.REDIS, granary, Program.REDIS, granary);
        return TrialCluster.start(
                programs, PortRange.free(programs.size()), folder, NODE_TIMEOUT_MS, "--enable-debug-command", "yes");
    }

    @Override
    protected void prepare() {
        redis = cluster.nodes().get(0);
        ours = cluster.nodes().get(1);
    }

    @BeforeEach
    void settle() throws IOException {
        cluster.awaitSettled();
    }

    @Test
    @Order(1)
    void oursTakesOverFromRedis() throws IOException {
        takesOverFromKilled(redis);
    }

    @Test
    @Order(2)
    void redisTakesOverFromOurs() throws IOException {
        takesOverFromKilled(ours);
    }

    private void takesOverFromKilled(TrialNode victim) throws IOException {
        TrialNode replica = cluster.replicaOf(victim);
        assertThat(replica.program()).isNotEqualTo(victim.program());
        Takeover story = Trials.kill(cluster, victim);
        System.out.println(victim.program().name() + " killed: " + story);
        assertThat(story.loss().promised()).isPositive();
        assertThat(story.loss().broken()).isZero();
        assertThat(cluster.ownerOf(victim)).isSameAs(replica);
        assertEqualData(victim, replica);
    }

    @Test
    @Order(3)
    void aShardIsHandedOverToAndFro() throws IOException {
        TrialNode first = cluster.ownerOf(redis);
        TrialNode second = cluster.replicaOf(first);
        for (int i = 0; i < 2; i++) {
            TrialNode primary = cluster.ownerOf(first);
            Handover story = Trials.handover(cluster, primary);
            System.out.println("handed over by " + primary.program().name() + ": " + story);
            assertThat(story.loss().lost()).isZero();
            assertThat(cluster.ownerOf(first)).isSameAs(primary == first ? second : first);
            assertEqualData(first, second);
        }
    }

    /** What replicas of our own are told of moves would be errors to those of Redis. */
    @Test
    @Order(4)
    void aReplicaOfRedisFollowsWhileSlotsMoveToItsPrimary() throws IOException {
        TrialNode source = ledByUs(redis);
        TrialNode target = ledByUs(ours);
        TrialNode replica = cluster.replicaOf(target);
        assertThat(replica.program()).isEqualTo(Program.REDIS);
        int slot = TrialCluster.view(source).stream().filter(NodeEntry::myself).findFirst().orElseThrow()
                .slots().getFirst().first();
        String key = Tally.tagOf(slot);
        source.ask("SET", key, "moved");
        long errors = Files.readString(replica.log()).lines().filter(line -> line.contains("sending an error")).count();
        source.ask("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", target.ask("CLUSTER", "MYID"));
        assertThat(Deadline.inSeconds(SECONDS).await(() -> source.ask("DBSIZE").equals("0")
                || !source.ask("CLUSTER", "COUNTKEYSINSLOT", slot).equals("1"))).as("the slot has gone").isTrue();
        assertEqualData(target, replica);
        assertThat(target.ask("GET", key)).isEqualTo("moved");
        assertThat(Files.readString(replica.log()).lines().filter(line -> line.contains("sending an error")).count())
                .as(replica.lastWords()).isEqualTo(errors);
    }

    /** The node of ours in a shard, which leads it from now on. */
    private TrialNode ledByUs(TrialNode any) throws IOException {
        TrialNode leader = cluster.ownerOf(any);
        if (leader.program().equals(Program.REDIS)) {
            leader = cluster.replicaOf(leader);
            Trials.handOver(leader);
            cluster.awaitSettled();
        }
        return leader;
    }

    /** Both follow one history to its end, and hold the same. */
    private static void assertEqualData(TrialNode one, TrialNode other) throws IOException {
        assertThat(Deadline.inSeconds(SECONDS).await(() -> one.info("replication").number("master_repl_offset")
                == other.info("replication").number("master_repl_offset"))).as("one history").isTrue();
        assertThat(one.ask("DBSIZE")).isNotEqualTo("0");
        assertThat(one.ask("DEBUG", "DIGEST")).isEqualTo(other.ask("DEBUG", "DIGEST"));
    }
}
