package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeEntry;
import io.granary.tools.cluster.PortRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What an operator does with {@code redis-cli --cluster}, verb by verb: two primaries that trade slots, and two nodes that
 * come and go.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class RedisCliVerbs extends ClusterStories {

    private static final int NODE_TIMEOUT_MS = 5000;
    private static final int SECONDS = 60;
    private static final int MOVED = 8;
    private static final int KEYS_EACH = 4;
    private static final int FILLING = 30;

    private TrialNode one;
    private TrialNode two;
    private TrialNode third;
    private TrialNode fourth;

    /** What every other node is. */
    abstract Program other(Program ours);

    @Override
    protected TrialCluster start(Program granary) throws IOException {
        RedisTools.assumeInstalled();
        Program other = other(granary);
        return TrialCluster.startUnformed(List.of(granary, other, granary, other), PortRange.free(4), folder,
                NODE_TIMEOUT_MS, "--enable-debug-command", "yes", "--cluster-allow-replica-migration", "no");
    }

    @Override
    protected void prepare() throws IOException {
        one = cluster.nodes().get(0);
        two = cluster.nodes().get(1);
        third = cluster.nodes().get(2);
        fourth = cluster.nodes().get(3);
        one.ask("CLUSTER", "ADDSLOTSRANGE", 0, 8191);
        two.ask("CLUSTER", "ADDSLOTSRANGE", 8192, 16383);
        one.ask("CLUSTER", "SET-CONFIG-EPOCH", 1);
        two.ask("CLUSTER", "SET-CONFIG-EPOCH", 2);
        one.ask("CLUSTER", "MEET", two.address().host(), two.address().port());
        awaitAgreement(2, one, two);
    }

    // ---- what is asked again and again

    private String redisCli(String verb, Object... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("--cluster", verb));
        Arrays.stream(arguments).map(Object::toString).forEach(words::add);
        return RedisTools.cli(folder, words.toArray(String[]::new));
    }

    private static String id(TrialNode node) throws IOException {
        return node.ask("CLUSTER", "MYID");
    }

    /** Waits until so many nodes are known to all of these, and all call the cluster ok and agree on who owns what. */
    private static void awaitAgreement(int known, TrialNode... nodes) throws IOException {
        for (TrialNode node : nodes) {
            assertThat(Deadline.inSeconds(SECONDS).await(() -> agrees(node, known, nodes[0])))
                    .as(node + " sees " + node.ask("CLUSTER", "NODES") + " and " + nodes[0] + " sees "
                            + nodes[0].ask("CLUSTER", "NODES")).isTrue();
        }
    }

    private static boolean agrees(TrialNode node, int known, TrialNode other) throws IOException {
        List<NodeEntry> seen = TrialCluster.view(node);
        return seen.size() == known && seen.stream().allMatch(each -> each.connected() && !each.inHandshake())
                && node.ask("CLUSTER", "INFO").contains("cluster_state:ok") && owners(node).equals(owners(other));
    }

    private static List<String> owners(TrialNode node) throws IOException {
        return TrialCluster.view(node).stream().map(each -> each.id() + each.role() + each.slots()).sorted().toList();
    }

    private int slotsOf(TrialNode node) throws IOException {
        return TrialCluster.view(node).stream().filter(NodeEntry::myself).mapToInt(NodeEntry::slotCount).sum();
    }

    private void isHealthy() throws IOException {
        assertThat(redisCli("check", one.address())).contains(
                "[OK] All nodes agree about slots configuration.", "[OK] All 16384 slots covered.")
                .doesNotContain("WARNING", "ERR");
    }

    private static List<Integer> first(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private void fill(TrialNode node, int slot) throws IOException {
        for (int i = 0; i < FILLING; i++) {
            node.ask("SET", Tally.tagOf(slot) + "filling" + i, "value " + i);
        }
    }

    private void isFull(int slot) throws IOException {
        for (int i = 0; i < FILLING; i++) {
            assertThat(RedisTools.get(cluster, Tally.tagOf(slot) + "filling" + i)).isEqualTo("value " + i);
        }
    }

    // ---- the verbs

    @Test
    @Order(1)
    void checkAndInfoFindAHealthyCluster() throws IOException {
        isHealthy();
        assertThat(redisCli("info", one.address())).contains("[OK] 0 keys in 2 masters.", "0.00 keys per slot on average.");
    }

    @Test
    @Order(2)
    void reshardMovesSlotsUnderWritersWithoutALoss() throws IOException {
        fill(one, 3);
        try (Tally tally = Tally.start(cluster, first(MOVED), KEYS_EACH)) {
            assertThat(Deadline.inSeconds(SECONDS).await(() -> tally.acknowledged() > 100)).isTrue();
            reshard(one, two, MOVED);
            int soFar = tally.acknowledged();
            assertThat(Deadline.inSeconds(SECONDS).await(() -> tally.acknowledged() > soFar + 50)).isTrue();
            reshard(two, one, MOVED);
            tally.stop();
            assertThat(tally.faults(cluster, true)).isEmpty();
            System.out.println(two.program().name() + ": " + tally.acknowledged() + " increments, "
                    + tally.asked() + " asked elsewhere");
        }
        isFull(3);
        isHealthy();
    }

    private void reshard(TrialNode from, TrialNode to, int count) throws IOException {
        int before = slotsOf(to);
        redisCli("reshard", one.address(), "--cluster-from", id(from), "--cluster-to", id(to), "--cluster-slots", count,
                "--cluster-yes");
        assertThat(slotsOf(to)).isEqualTo(before + count);
        awaitAgreement(TrialCluster.view(one).size(), one, two);
    }

    @Test
    @Order(3)
    void addNodeTakesAPrimaryAndAReplica() throws IOException {
        assertThat(redisCli("add-node", third.address(), one.address())).contains("[OK] New node added correctly.");
        awaitAgreement(3, one, two, third);
        assertThat(redisCli("add-node", fourth.address(), one.address(), "--cluster-slave", "--cluster-master-id", id(one)))
                .contains("[OK] New node added correctly.");
        assertThat(Deadline.inSeconds(SECONDS).await(() -> fourth.info("replication").text("role").equals("slave")
                && fourth.info("replication").text("master_link_status").equals("up"))).isTrue();
        awaitAgreement(4, one, two, third, fourth);
        isHealthy();
    }

    @Test
    @Order(4)
    void rebalanceGoesByWeight() throws IOException {
        int all = slotsOf(one) + slotsOf(two);
        assertThat(all).isEqualTo(16384);
        redisCli("rebalance", one.address(), "--cluster-use-empty-masters", "--cluster-weight", id(one) + "=400",
                id(two) + "=400", id(third) + "=1", "--cluster-threshold", "1", "--cluster-pipeline", "20");
        awaitAgreement(4, one, two, third, fourth);
        assertThat(slotsOf(third)).isBetween(15, 25);
        isFull(3);
        isHealthy();
    }

    @Test
    @Order(5)
    void fixClosesWhatWasLeftOpenOnOneSideOrBoth() throws IOException {
        int slot = TrialCluster.view(two).stream().filter(NodeEntry::myself).findFirst().orElseThrow()
                .slots().getLast().last();
        fill(two, slot);
        one.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", id(two));
        two.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", id(one));
        two.ask("MIGRATE", one.address().host(), one.address().port(), "", 0, 10_000, "KEYS",
                Tally.tagOf(slot) + "filling1", Tally.tagOf(slot) + "filling2");
        assertThat(RedisTools.printed(folder, "--cluster", "check", one.address().toString()))
                .contains("in migrating state", "in importing state");
        redisCli("fix", one.address());
        awaitAgreement(4, one, two, third, fourth);
        isFull(slot);
        isHealthy();
    }

    @Test
    @Order(6)
    void fixCoversSlotsThatNobodyOwns() throws IOException {
        int slot = TrialCluster.view(one).stream().filter(NodeEntry::myself).findFirst().orElseThrow()
                .slots().getLast().last();
        fill(one, slot);
        for (TrialNode node : List.of(one, two, third)) {
            node.ask("CLUSTER", "DELSLOTS", slot);
        }
        redisCli("fix", one.address(), "--cluster-yes");
        awaitAgreement(4, one, two, third, fourth);
        isFull(slot);
        isHealthy();
    }

    @Test
    @Order(7)
    void callAsksEveryNodeAndSetTimeoutTellsThem() throws IOException {
        assertThat(redisCli("call", one.address(), "CONFIG", "GET", "cluster-node-timeout").lines()
                .filter(line -> line.contains(Integer.toString(NODE_TIMEOUT_MS)))).hasSize(4);
        assertThat(redisCli("call", one.address(), "PING", "--cluster-only-masters").lines()
                .filter(line -> line.contains("PONG"))).hasSize(3);
        String told = RedisTools.printed(folder, "--cluster", "set-timeout", one.address().toString(), "6000");
        assertThat(told).contains("New node timeout set.");
        assertThat(redisCli("call", one.address(), "CONFIG", "GET", "cluster-node-timeout").lines()
                .filter(line -> line.contains("6000"))).hasSize(4);
    }

    @Test
    @Order(8)
    void delNodeSendsThemAway() throws IOException {
        int left = slotsOf(third);
        reshard(third, one, left);
        redisCli("del-node", one.address(), id(third));
        redisCli("del-node", one.address(), id(fourth));
        awaitAgreement(2, one, two);
        assertThat(TrialCluster.view(third)).hasSize(1);
        isFull(3);
        isHealthy();
    }

    @Test
    @Order(9)
    void importTakesTheKeysOfAServerWithoutACluster() throws IOException {
        TrialNode alone = new TrialNode(two.program(), PortRange.free(1), folder.resolve("alone"), List.of("--save", ""));
        alone.start();
        try {
            assertThat(Deadline.inSeconds(SECONDS).await(alone::answers)).isTrue();
            for (int i = 0; i < FILLING; i++) {
                alone.ask("SET", "imported" + i, "value " + i);
            }
            redisCli("import", one.address(), "--cluster-from", alone.address(), "--cluster-replace");
            assertThat(alone.ask("DBSIZE")).isEqualTo("0");
        } finally {
            alone.kill();
        }
        for (int i = 0; i < FILLING; i++) {
            assertThat(RedisTools.get(cluster, "imported" + i)).isEqualTo("value " + i);
        }
    }
}
