package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.ClusterView;
import io.granary.gossip.HandOvers;
import io.granary.gossip.LinkView;
import io.granary.gossip.MessageCounts;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.wire.MessageType;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reports that clients find their way by, to the byte. */
final class ClusterReportsTest {

    private static final String A = "a".repeat(40);
    private static final String B = "b".repeat(40);
    private static final String C = "c".repeat(40);
    private static final String SHARD_1 = "1".repeat(40);
    private static final String SHARD_2 = "2".repeat(40);

    private static final NodeView ME = new NodeView(
            new NodeId(A), "10.0.0.1", 7001, 0, 17001, "", "", SHARD_1, Set.of(NodeFlag.MYSELF, NodeFlag.PRIMARY), null,
            0, 0, 1, true, 0);
    private static final NodeView PEER = new NodeView(
            new NodeId(B), "10.0.0.2", 7002, 0, 17002, "two.example", "", SHARD_2, Set.of(NodeFlag.PRIMARY), null, 5, 6, 2,
            true, 40);
    private static final NodeView REPLICA = new NodeView(
            new NodeId(C), "10.0.0.3", 7003, 0, 17003, "", "", SHARD_2, Set.of(NodeFlag.REPLICA, NodeFlag.PFAIL),
            new NodeId(B), 0, 9, 2, false, 40);

    private final CommandBench bench = new CommandBench(null);

    ClusterReportsTest() {
        bench.view = view(REPLICA);
    }

    private static ClusterView view(NodeView... replicas) {
        NodeView[] owners = new NodeView[ClusterView.SLOTS];
        for (int slot = 0; slot < 100; slot++) {
            owners[slot] = ME;
        }
        owners[200] = PEER;
        owners[300] = PEER;
        owners[301] = PEER;
        owners[ClusterView.SLOTS - 1] = ME;
        return MadeUpView.of(
                ME,
                Stream.concat(Stream.of(ME, PEER), Stream.of(replicas)).toList(),
                owners,
                Map.of(7, PEER),
                Map.of(200, PEER),
                true,
                4,
                2,
                List.of(new LinkView(1, PEER.id(), false, 1000), new LinkView(-1, PEER.id(), true, 1001)),
                new MessageCounts(
                        Map.of(MessageType.PONG, 2L, MessageType.PING, 3L), Map.of(MessageType.PUBLISHSHARD, 1L)),
                HandOvers.NONE);
    }

    @Test
    void nodesShowsALineForEachNodeAndMigrationsOnItsOwn() {
        assertThat(bench.reply("CLUSTER", "NODES") + "\n").contains(
                A + " 10.0.0.1:7001@17001 myself,master - 0 0 1 connected 0-99 16383 [7->-" + B + "] [200-<-" + B + "]\n",
                B + " 10.0.0.2:7002@17002,two.example master - 5 6 2 connected 200 300-301\n",
                C + " 10.0.0.3:7003@17003 slave,fail? " + B + " 0 9 2 disconnected\n");
        bench.resp3 = true;
        assertThat(bench.reply("CLUSTER", "NODES")).startsWith("=").contains(" txt:" + A);
    }

    @Test
    void slotsListsRangesWithTheirOwnersAndReplicas() {
        String me = "*4 $8 10.0.0.1 :7001 $40 " + A + " *0 ";
        String peer = "*4 $8 10.0.0.2 :7002 $40 " + B + " *2 $8 hostname $11 two.example ";
        String replica = "*4 $8 10.0.0.3 :7003 $40 " + C + " *0";
        assertThat(bench.reply("CLUSTER", "SLOTS") + " ").isEqualTo(
                "*4 *3 :0 :99 " + me + "*4 :200 :200 " + peer + replica + " *4 :300 :301 " + peer + replica
                        + " *3 :16383 :16383 " + me);
    }

    @Test
    void slotsLeavesOutReplicasThatCannotServe() {
        NodeView unsynced = new NodeView(
                new NodeId(C), "10.0.0.3", 7003, 0, 17003, "", "", SHARD_2, Set.of(NodeFlag.REPLICA), new NodeId(B), 0, 9, 2,
                true, 0);
        bench.view = view(unsynced);
        assertThat(bench.reply("CLUSTER", "SLOTS")).doesNotContain(C);
    }

    @Test
    void slotsListsReplicasInTheSameOrderWhoeverIsAsked() {
        NodeView other = new NodeView(
                new NodeId("d".repeat(40)), "10.0.0.4", 7004, 0, 17004, "", "", SHARD_2, Set.of(NodeFlag.REPLICA),
                new NodeId(B), 0, 9, 2, true, 40);
        bench.view = view(REPLICA, other);
        String answer = bench.reply("CLUSTER", "SLOTS");
        assertThat(answer).contains(C, other.id().hex());
        bench.view = view(other, REPLICA);
        assertThat(bench.reply("CLUSTER", "SLOTS")).isEqualTo(answer);
    }

    @Test
    void slotsNamesThePreferredEndpointAndTellsTheRestBeside() {
        bench.set("cluster-preferred-endpoint-type", "hostname");
        assertThat(bench.reply("CLUSTER", "SLOTS")).contains(
                "*4 $1 ? :7001 $40 " + A + " *2 $2 ip $8 10.0.0.1",
                "*4 $11 two.example :7002 $40 " + B + " *2 $2 ip $8 10.0.0.2");
        bench.set("cluster-preferred-endpoint-type", "unknown-endpoint");
        assertThat(bench.reply("CLUSTER", "SLOTS")).contains(
                "*4 $-1 :7002 $40 " + B + " *4 $2 ip $8 10.0.0.2 $8 hostname $11 two.example");
        bench.resp3 = true;
        assertThat(bench.reply("CLUSTER", "SLOTS")).contains("*4 _ :7002 $40 " + B + " %2 $2 ip");
    }

    @Test
    void eachNetworkOfClientsIsToldNodesByItsRule() throws Exception {
        bench.set("cluster-preferred-endpoint-type", "hostname",
                "cluster-endpoint-rule", "172.30.77.1 hostname 172.30.77.0/24 ip fd00::/8 unknown-endpoint");
        bench.caller = InetAddress.getByName("172.30.77.1");
        assertThat(bench.reply("CLUSTER", "SLOTS")).contains("*4 $11 two.example :7002 $40 " + B + " *2 $2 ip $8 10.0.0.2");
        assertThat(bench.reply("CLUSTER", "SHARDS")).contains("$8 endpoint $11 two.example");
        assertThat(bench.reply("CLUSTER", "NODES")).contains(B + " 10.0.0.2:7002@17002,two.example master");
        bench.caller = InetAddress.getByName("172.30.77.99");
        assertThat(bench.reply("CLUSTER", "SLOTS")).contains("*4 $8 10.0.0.2 :7002 $40 " + B);
        assertThat(bench.reply("CLUSTER", "SHARDS")).contains("$8 endpoint $8 10.0.0.2");
        assertThat(bench.reply("CLUSTER", "NODES")).contains(B + " 10.0.0.2:7002@17002 master");
        bench.caller = InetAddress.getByName("fd00::17");
        assertThat(bench.reply("CLUSTER", "SLOTS")).contains("*4 $-1 :7002 $40 " + B);
        bench.caller = null;
        assertThat(bench.reply("CLUSTER", "SLOTS")).contains("*4 $11 two.example :7002 $40 " + B);
    }

    @Test
    void hostNamesStayInNodesWhereOnlyThePreferredTypeIsIp() {
        bench.set("cluster-endpoint-rule", "10.0.0.0/8 ip");
        assertThat(bench.reply("CLUSTER", "NODES")).contains(B + " 10.0.0.2:7002@17002,two.example master");
    }

    @Test
    void shardsGroupsNodesAndTellsTheirHealth() {
        assertThat(bench.reply("CLUSTER", "SHARDS")).isEqualTo("*2"
                + " *4 $5 slots *4 :0 :99 :16383 :16383 $5 nodes *1"
                + " *14 $2 id $40 " + A + " $4 port :7001 $2 ip $8 10.0.0.1 $8 endpoint $8 10.0.0.1"
                + " $4 role $6 master $18 replication-offset :77 $6 health $6 online"
                + " *4 $5 slots *4 :200 :200 :300 :301 $5 nodes *2"
                + " *16 $2 id $40 " + B + " $4 port :7002 $2 ip $8 10.0.0.2 $8 endpoint $8 10.0.0.2"
                + " $8 hostname $11 two.example"
                + " $4 role $6 master $18 replication-offset :40 $6 health $6 online"
                + " *14 $2 id $40 " + C + " $4 port :7003 $2 ip $8 10.0.0.3 $8 endpoint $8 10.0.0.3"
                + " $4 role $7 replica $18 replication-offset :40 $6 health $6 online");
        bench.resp3 = true;
        assertThat(bench.reply("CLUSTER", "SHARDS")).startsWith("*2 %2 $5 slots *4 :0 :99").contains("%7 $2 id");
    }

    @Test
    void infoHasALineForEachFactThatToolsRead() {
        assertThat(bench.reply("CLUSTER", "INFO")).endsWith("cluster_state:ok"
                + " cluster_slots_assigned:104 cluster_slots_ok:104"
                + " cluster_slots_pfail:0 cluster_slots_fail:0 cluster_known_nodes:3 cluster_size:2 cluster_current_epoch:4"
                + " cluster_my_epoch:1 cluster_stats_messages_ping_sent:3 cluster_stats_messages_pong_sent:2"
                + " cluster_stats_messages_sent:5 cluster_stats_messages_publishshard_received:1"
                + " cluster_stats_messages_received:1 total_cluster_links_buffer_limit_exceeded:3");
    }

    @Test
    void linksAreListedInBothDirections() {
        bench.pendingBytes = Map.of(1L, 12L);
        assertThat(bench.reply("CLUSTER", "LINKS")).isEqualTo("*2"
                + " *12 $9 direction $2 to $4 node $40 " + B + " $11 create-time :1000 $6 events $2 rw"
                + " $21 send-buffer-allocated :12 $16 send-buffer-used :12"
                + " *12 $9 direction $4 from $4 node $40 " + B + " $11 create-time :1001 $6 events $1 r"
                + " $21 send-buffer-allocated :0 $16 send-buffer-used :0");
    }

    @Test
    void replicasAreThoseOfAPrimary() {
        assertThat(bench.reply("CLUSTER", "REPLICAS", B))
                .startsWith("*1 $").contains(C + " 10.0.0.3:7003@17003 slave,fail? ");
        assertThat(bench.reply("CLUSTER", "SLAVES", A)).isEqualTo("*0");
        assertThat(bench.reply("CLUSTER", "REPLICAS", C)).isEqualTo("-ERR The specified node is not a master");
        assertThat(bench.reply("CLUSTER", "REPLICAS", "who")).isEqualTo("-ERR Unknown node who");
    }

    @Test
    void aNodeKnowsItsNames() {
        assertThat(bench.reply("CLUSTER", "MYID")).isEqualTo("$40 " + A);
        assertThat(bench.reply("CLUSTER", "MYSHARDID")).isEqualTo("$40 " + SHARD_1);
    }

    @Test
    void withoutAClusterEveryReportIsRefused() {
        bench.enabled = false;
        for (String command : List.of(
                "INFO", "LINKS", "MYID", "MYSHARDID", "NODES", "SHARDS", "SLOTS", "HELP", "BUMPEPOCH")) {
            assertThat(bench.reply("CLUSTER", command)).isEqualTo("-ERR This instance has cluster support disabled");
        }
    }
}
