package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.slots.Slot;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisAdvancedClusterAsyncCommands;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Lettuce, which speaks RESP3, as a client of a cluster of three, and of one node with a password. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LettuceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<String> keys = SlotKeys.all();

    private EmbeddedCluster cluster;
    private RedisClusterClient client;
    private StatefulRedisClusterConnection<String, String> connection;
    private RedisAdvancedClusterCommands<String, String> sync;

    @BeforeAll
    void start() {
        cluster = EmbeddedCluster.start(3);
        client = RedisClusterClient.create(uri(cluster.node(2).port()));
        client.setOptions(ClusterClientOptions.builder().topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                .enablePeriodicRefresh(Duration.ofMillis(500)).build()).build());
        connection = client.connect();
        sync = connection.sync();
    }

    @AfterAll
    void stop() {
        if (client != null) {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
        }
        cluster.close();
    }

    @BeforeEach
    void empty() {
        sync.flushall();
    }

    private static RedisURI uri(int port) {
        return RedisURI.builder().withHost("127.0.0.1").withPort(port).withTimeout(PATIENCE).build();
    }

    @Test
    void theTopologyIsReadAsItIs() {
        client.refreshPartitions();
        Map<Integer, Integer> slots = new HashMap<>();
        for (RedisClusterNode node : client.getPartitions()) {
            slots.put(node.getUri().getPort(), node.getSlots().size());
            assertThat(node.isConnected()).isTrue();
        }
        assertThat(slots.keySet()).containsExactlyInAnyOrderElementsOf(
                cluster.nodes().stream().map(EmbeddedNode::port).toList());
        assertThat(slots.values().stream().mapToInt(each -> each).sum()).isEqualTo(Slot.COUNT);
        assertThat(sync.clusterInfo()).contains("cluster_state:ok", "cluster_known_nodes:3", "cluster_size:3");
        assertThat(sync.clusterShards()).hasSize(3);
        assertThat(sync.clusterSlots()).hasSize(3);
    }

    @Test
    void everySlotIsWrittenAndRead() {
        RedisAdvancedClusterAsyncCommands<String, String> async = connection.async();
        List<RedisFuture<String>> replies = new ArrayList<>();
        List<RedisFuture<?>> all = new ArrayList<>();
        for (int slot = 0; slot < Slot.COUNT; slot++) {
            all.add(async.set(keys.get(slot), "value " + slot));
            replies.add(async.get(keys.get(slot)));
        }
        all.addAll(replies);
        assertThat(LettuceFutures.awaitAll(PATIENCE, all.toArray(RedisFuture[]::new))).isTrue();
        for (int slot = 0; slot < Slot.COUNT; slot++) {
            assertThat(replies.get(slot).toCompletableFuture().join()).isEqualTo("value " + slot);
        }
        assertThat(sync.dbsize()).isEqualTo(Slot.COUNT);
        assertThat(sync.mget(keys.get(0), keys.get(8000), keys.get(16383)).stream().map(value -> value.getValue()))
                .containsExactly("value 0", "value 8000", "value 16383");
        assertThat(sync.del(keys.get(0), keys.get(8000), keys.get(16383))).isEqualTo(3);
        long scanned = 0;
        KeyScanCursor<String> cursor = sync.scan(ScanArgs.Builder.limit(1000));
        scanned += cursor.getKeys().size();
        while (!cursor.isFinished()) {
            cursor = sync.scan(cursor, ScanArgs.Builder.limit(1000));
            scanned += cursor.getKeys().size();
        }
        assertThat(scanned).isEqualTo(Slot.COUNT - 3);
    }

    @Test
    void keysOfSeveralSlotsAreRefusedByANode() {
        EmbeddedNode node = cluster.node(0);
        assertThatThrownBy(() -> connection.getConnection("127.0.0.1", node.port()).sync().mget("a", "b"))
                .isInstanceOf(RedisCommandExecutionException.class)
                .hasMessage("CROSSSLOT Keys in request don't hash to the same slot");
    }

    @Test
    void transactionsWorkWithinASlot() {
        int slot = Slot.of("{tx}".getBytes());
        RedisURI owner = client.getPartitions().getPartitionBySlot(slot).getUri();
        try (RedisClient single = RedisClient.create(owner);
                StatefulRedisConnection<String, String> direct = single.connect()) {
            RedisCommands<String, String> commands = direct.sync();
            commands.watch("{tx}a");
            commands.multi();
            commands.set("{tx}a", "1");
            commands.incr("{tx}a");
            commands.mget("{tx}a", "{tx}b");
            TransactionResult result = commands.exec();
            assertThat(result.wasDiscarded()).isFalse();
            assertThat(result.<String>get(0)).isEqualTo("OK");
            assertThat(result.<Long>get(1)).isEqualTo(2);
            commands.watch("{tx}a");
            sync.set("{tx}a", "9");
            commands.multi();
            commands.incr("{tx}a");
            assertThat(commands.exec().wasDiscarded()).isTrue();
        }
        assertThat(sync.get("{tx}a")).isEqualTo("9");
    }

    @Test
    void aClientWithAnOldMapIsSentToTheNewOwner() {
        int slot = 9;
        EmbeddedNode from = cluster.node(0);
        EmbeddedNode to = cluster.node(1);
        sync.get(keys.get(slot));
        for (EmbeddedNode owner : List.of(to, from)) {
            List<EmbeddedNode> nodes = new ArrayList<>(cluster.nodes());
            nodes.remove(owner);
            nodes.addFirst(owner);
            // who imports a slot takes it with an epoch above all others, so that gossip cannot take it back again
            assertThat(node(owner).clusterSetSlotImporting(slot, (owner == to ? from : to).id().toString())).isEqualTo("OK");
            for (EmbeddedNode node : nodes) {
                assertThat(node(node).clusterSetSlotNode(slot, owner.id().toString())).isEqualTo("OK");
            }
            assertThat(sync.set(keys.get(slot), "moved")).isEqualTo("OK");
            assertThat(sync.get(keys.get(slot))).isEqualTo("moved");
            assertThat(node(owner).del(keys.get(slot))).isEqualTo(1);
        }
    }

    private RedisClusterCommands<String, String> node(EmbeddedNode node) {
        return connection.getConnection("127.0.0.1", node.port()).sync();
    }

    @Test
    void theClientIntroducesItselfInResp3() {
        assertThat(connection.getConnection("127.0.0.1", cluster.node(0).port()).sync().clientList())
                .contains(" resp=3 ").contains("lib-name=Lettuce lib-ver=7.7");
    }

    @Test
    void oneNodeWithAPasswordIsServedToo() {
        try (TestNode node = TestNode.startExpiring("--requirepass", "secret")) {
            RedisURI uri = uri(node.port());
            assertThatThrownBy(() -> {
                try (RedisClient stranger = RedisClient.create(uri)) {
                    stranger.connect().close();
                }
            }).hasRootCauseMessage("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
                    + " <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP"
                    + " protocol version at the same time");
            try (RedisClient known = RedisClient.create(RedisURI.builder(uri).withPassword("secret".toCharArray())
                    .withClientName("known").withDatabase(3).build());
                    StatefulRedisConnection<String, String> direct = known.connect()) {
                RedisCommands<String, String> commands = direct.sync();
                assertThat(commands.set("a", "1", SetArgs.Builder.px(100_000))).isEqualTo("OK");
                assertThat(commands.pttl("a")).isBetween(1L, 100_000L);
                assertThat(commands.getdel("a")).isEqualTo("1");
                assertThat(commands.clientGetname()).isEqualTo("known");
                assertThat(commands.clientInfo()).contains(" db=3 ");
                assertThat(commands.echo("x".repeat(1 << 20))).hasSize(1 << 20);
            }
        }
    }

    @Test
    void manyRequestsAtOnceKeepTheirOrder() throws Exception {
        RedisAdvancedClusterAsyncCommands<String, String> async = connection.async();
        List<RedisFuture<Long>> counts = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            counts.add(async.incr("{order}"));
        }
        for (int i = 0; i < counts.size(); i++) {
            assertThat(counts.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i + 1);
        }
    }
}
