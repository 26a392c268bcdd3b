package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.slots.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import redis.clients.jedis.ClusterPipeline;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/** Jedis as a client of a cluster of three. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JedisClusterTest {

    private final List<String> keys = SlotKeys.all();

    private EmbeddedCluster cluster;
    private RedisClusterClient client;

    @BeforeAll
    void start() {
        cluster = EmbeddedCluster.start(3);
        client = RedisClusterClient.create(address(cluster.node(1)));
    }

    @AfterAll
    void stop() {
        if (client != null) {
            client.close();
        }
        cluster.close();
    }

    @BeforeEach
    void empty() {
        cluster.nodes().forEach(node -> {
            try (RedisClient direct = RedisClient.create(address(node))) {
                direct.flushAll();
            }
        });
    }

    private static HostAndPort address(EmbeddedNode node) {
        return new HostAndPort("127.0.0.1", node.port());
    }

    @Test
    void everySlotIsWrittenAndReadByPipelines() {
        List<Response<String>> replies = new ArrayList<>();
        try (ClusterPipeline pipeline = client.pipelined()) {
            for (int slot = 0; slot < Slot.COUNT; slot++) {
                pipeline.set(keys.get(slot), "value " + slot);
                replies.add(pipeline.get(keys.get(slot)));
            }
            pipeline.sync();
        }
        for (int slot = 0; slot < Slot.COUNT; slot++) {
            assertThat(replies.get(slot).get()).isEqualTo("value " + slot);
        }
        long sum = 0;
        for (EmbeddedNode node : cluster.nodes()) {
            try (RedisClient direct = RedisClient.create(address(node))) {
                assertThat(direct.dbSize()).isBetween(5461L, 5462L);
                sum += direct.dbSize();
            }
        }
        assertThat(sum).isEqualTo(Slot.COUNT);
    }

    @Test
    void singleRequestsFindTheirNodes() {
        for (int slot = 0; slot < Slot.COUNT; slot += 331) {
            assertThat(client.set(keys.get(slot), "v")).isEqualTo("OK");
            assertThat(client.incr("n{" + keys.get(slot) + "}")).isEqualTo(1);
            assertThat(client.expire(keys.get(slot), 100)).isEqualTo(1);
            assertThat(client.get(keys.get(slot))).isEqualTo("v");
            assertThat(client.del(keys.get(slot))).isEqualTo(1);
        }
    }

    @Test
    void keysOfOneSlotAreUsedTogether() {
        client.mset("{t}a", "1", "{t}b", "2");
        assertThat(client.mget("{t}a", "{t}missing", "{t}b")).containsExactly("1", null, "2");
        assertThat(client.exists("{t}a", "{t}b", "{t}a")).isEqualTo(3);
        assertThat(client.rename("{t}a", "{t}c")).isEqualTo("OK");
        assertThat(client.del("{t}a", "{t}b", "{t}c")).isEqualTo(2);
    }

    @Test
    void keysOfSeveralSlotsAreRefusedByANode() {
        try (RedisClient direct = RedisClient.create(address(cluster.node(0)))) {
            assertThatThrownBy(() -> direct.mget("a", "b")).isInstanceOf(JedisDataException.class)
                    .hasMessage("CROSSSLOT Keys in request don't hash to the same slot");
        }
    }

    @Test
    void aNodeNamesTheOwnerOfAKey() {
        String key = keys.get(Slot.COUNT - 1);
        try (RedisClient direct = RedisClient.create(address(cluster.node(0)))) {
            assertThatThrownBy(() -> direct.get(key)).isInstanceOfSatisfying(JedisMovedDataException.class, moved -> {
                assertThat(moved.getSlot()).isEqualTo(Slot.COUNT - 1);
                assertThat(moved.getTargetNode()).isEqualTo(address(cluster.node(2)));
            });
        }
    }

    @Test
    void transactionsWorkWithinASlot() {
        int slot = Slot.of("{tx}".getBytes());
        try (Connection connection = client.getConnectionFromSlot(slot);
                Transaction transaction = new Transaction(connection, false)) {
            transaction.watch("{tx}a");
            transaction.multi();
            transaction.set("{tx}a", "1");
            transaction.incr("{tx}a");
            transaction.mget("{tx}a", "{tx}b");
            assertThat(transaction.exec()).hasSize(3).contains("OK", 2L);
            transaction.multi();
            transaction.set("{tx}a", "3");
            transaction.set("elsewhere", "4");
            assertThatThrownBy(transaction::exec).isInstanceOf(JedisDataException.class);
        }
        assertThat(client.get("{tx}a")).isEqualTo("2");
        assertThat(client.get("elsewhere")).isNull();
    }

    @Test
    void aClientWithAnOldMapIsSentToTheNewOwner() {
        int slot = 7;
        EmbeddedNode from = cluster.node(0);
        EmbeddedNode to = cluster.node(2);
        client.get(keys.get(slot));
        give(slot, from, to);
        try {
            assertThat(client.set(keys.get(slot), "moved")).isEqualTo("OK");
            assertThat(client.get(keys.get(slot))).isEqualTo("moved");
            try (RedisClient direct = RedisClient.create(address(to))) {
                assertThat(direct.get(keys.get(slot))).isEqualTo("moved");
                direct.del(keys.get(slot));
            }
        } finally {
            give(slot, to, from);
        }
        IntStream.rangeClosed(slot - 1, slot + 1).forEach(each -> client.set(keys.get(each), "back"));
    }

    /**
     * As redis-cli does it: who imports a slot takes a new epoch with it, or the old owner's next heartbeat takes it back.
     */
    private void give(int slot, EmbeddedNode from, EmbeddedNode owner) {
        try (Wire direct = Wire.to(owner.port())) {
            assertThat(direct.ask("CLUSTER", "SETSLOT", Integer.toString(slot), "IMPORTING", from.id().toString()))
                    .isEqualTo("OK");
        }
        List<EmbeddedNode> nodes = new ArrayList<>(cluster.nodes());
        nodes.remove(owner);
        nodes.addFirst(owner);
        for (EmbeddedNode node : nodes) {
            try (Wire direct = Wire.to(node.port())) {
                assertThat(direct.ask("CLUSTER", "SETSLOT", Integer.toString(slot), "NODE", owner.id().toString()))
                        .isEqualTo("OK");
            }
        }
    }

    @Test
    void everyNodeIsKnown() {
        assertThat(client.getClusterNodes().keySet()).isEqualTo(
                Set.of(cluster.node(0).address(), cluster.node(1).address(), cluster.node(2).address()));
    }
}
