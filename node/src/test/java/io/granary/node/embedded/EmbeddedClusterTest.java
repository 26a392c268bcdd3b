package io.granary.node.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/** Three real nodes in this JVM, and a real client. */
final class EmbeddedClusterTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static RedisClusterClient client(EmbeddedCluster cluster) {
        return RedisClusterClient.create(Set.of(new HostAndPort(EmbeddedCluster.HOST, cluster.node(0).port())));
    }

    @Test
    void aClientFindsEveryKeyOnItsNode() {
        Path directory;
        try (EmbeddedCluster cluster = EmbeddedCluster.start(3); RedisClusterClient client = client(cluster)) {
            directory = cluster.directory();
            for (int i = 0; i < 1000; i++) {
                client.set("key:" + i, "value:" + i);
            }
            for (int i = 0; i < 1000; i++) {
                assertThat(client.get("key:" + i)).isEqualTo("value:" + i);
            }
            long all = 0;
            for (EmbeddedNode node : cluster.nodes()) {
                try (Jedis direct = new Jedis(EmbeddedCluster.HOST, node.port())) {
                    assertThat(direct.dbSize()).isPositive();
                    all += direct.dbSize();
                }
            }
            assertThat(all).isEqualTo(1000);
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void aNodeThatDiesFailsAndIsTakenBack() {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(3, "--cluster-node-timeout", "1000")) {
            EmbeddedNode third = cluster.node(2);
            NodeId id = third.id();
            third.stop();
            await().atMost(PATIENCE).until(() -> cluster.node(0).view().node(id).is(NodeFlag.FAIL)
                    && cluster.node(1).view().node(id).is(NodeFlag.FAIL));
            try (Jedis direct = new Jedis(EmbeddedCluster.HOST, cluster.node(0).port())) {
                assertThatThrownBy(() -> direct.get("key")).isInstanceOf(JedisDataException.class)
                        .hasMessageContaining("CLUSTERDOWN The cluster is down");
            }
            third.start();
            cluster.awaitOk();
            assertThat(third.id()).isEqualTo(id);
        }
    }

    @Test
    void nodesThatWereNotFormedServeNothing() {
        try (EmbeddedCluster cluster = EmbeddedCluster.unformed(1);
                Jedis direct = new Jedis(EmbeddedCluster.HOST, cluster.node(0).port())) {
            assertThatThrownBy(() -> direct.get("key")).hasMessage("CLUSTERDOWN Hash slot not served");
            assertThat(cluster.node(0).address()).isEqualTo("127.0.0.1:" + cluster.node(0).port());
        }
    }
}
