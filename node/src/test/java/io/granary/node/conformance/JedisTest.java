package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/** Jedis as a client of one node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JedisTest {

    private TestNode node;

    @BeforeAll
    void start() {
        node = TestNode.start();
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private RedisClient client(RedisProtocol protocol) {
        RedisClient client = RedisClient.builder().hostAndPort(new HostAndPort("127.0.0.1", node.port()))
                .clientConfig(DefaultJedisClientConfig.builder().protocol(protocol).clientName("jedis-test").build())
                .build();
        client.flushAll();
        return client;
    }

    @ParameterizedTest
    @EnumSource(names = {"RESP2", "RESP3"})
    void stringsAndKeysWork(RedisProtocol protocol) {
        try (RedisClient client = client(protocol)) {
            assertThat(client.set("a", "1")).isEqualTo("OK");
            assertThat(client.set("a", "2", SetParams.setParams().nx())).isNull();
            assertThat(client.setGet("a", "3")).isEqualTo("1");
            assertThat(client.get("a")).isEqualTo("3");
            assertThat(client.get("missing")).isNull();
            assertThat(client.incrBy("a", 39)).isEqualTo(42);
            assertThat(client.incrByFloat("a", 0.5)).isEqualTo(42.5);
            assertThat(client.mget("a", "missing")).containsExactly("42.5", null);
            assertThat(client.expire("a", 100)).isEqualTo(1);
            assertThat(client.ttl("a")).isBetween(95L, 100L);
            assertThat(client.exists("a")).isTrue();
            assertThat(client.type("a")).isEqualTo("string");
            assertThat(client.objectEncoding("a")).isEqualTo("embstr");
            assertThat(client.del("a", "missing")).isEqualTo(1);
            assertThat(client.dbSize()).isZero();
            assertThat(client.configGet("maxmemory*")).containsEntry("maxmemory", "0").containsKey("maxmemory-policy");
            assertThat(client.info("server")).contains("granary_version:");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RESP2", "RESP3"})
    void pipelinesAndTransactionsWork(RedisProtocol protocol) {
        try (RedisClient client = client(protocol)) {
            try (Pipeline pipeline = client.pipelined()) {
                List<Response<Long>> counts = LongStream.range(0, 1000)
                        .mapToObj(i -> pipeline.incr("counter")).toList();
                Response<String> failed = pipeline.set("counter", "x", SetParams.setParams().ex(0));
                pipeline.sync();
                assertThat(counts.stream().map(Supplier::get)).isSorted().endsWith(1000L);
                assertThatThrownBy(failed::get).isInstanceOf(JedisDataException.class)
                        .hasMessage("ERR invalid expire time in 'set' command");
            }
            try (AbstractTransaction transaction = client.transaction(false)) {
                transaction.watch("counter");
                transaction.multi();
                transaction.incr("counter");
                transaction.get("counter");
                assertThat(transaction.exec()).containsExactly(1001L, "1001");
                transaction.watch("counter");
                client.set("counter", "5");
                transaction.multi();
                transaction.incr("counter");
                assertThat(transaction.exec()).isNull();
            }
            assertThat(client.get("counter")).isEqualTo("5");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RESP2", "RESP3"})
    void scansSeeEveryKey(RedisProtocol protocol) {
        try (RedisClient client = client(protocol)) {
            for (int i = 0; i < 500; i++) {
                client.set("scan:" + i, "v");
                client.set("other:" + i, "v");
            }
            Set<String> seen = new HashSet<>();
            String cursor = ScanParams.SCAN_POINTER_START;
            do {
                ScanResult<String> page = client.scan(cursor, new ScanParams().match("scan:*").count(50), "string");
                seen.addAll(page.getResult());
                cursor = page.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
            assertThat(seen).hasSize(500).allMatch(key -> key.startsWith("scan:"));
            assertThat(client.keys("scan:4?")).hasSize(10);
        }
    }

    @Test
    void theClientIntroducesItself() {
        try (RedisClient client = client(RedisProtocol.RESP3); Wire other = Wire.to(node)) {
            client.set("a", "1");
            assertThat(other.ask("CLIENT", "LIST")).contains("name=jedis-test")
                    .containsPattern("lib-name=jedis\\S* lib-ver=8")
                    .contains(" resp=3 ");
        }
    }

    @Test
    void passwordsAreAskedFor() {
        try (TestNode locked = TestNode.startExpiring("--requirepass", "secret")) {
            HostAndPort address = new HostAndPort("127.0.0.1", locked.port());
            for (Map.Entry<String, Boolean> password : Map.of("secret", true, "wrong", false).entrySet()) {
                try (RedisClient client = RedisClient.builder().hostAndPort(address).clientConfig(
                        DefaultJedisClientConfig.builder().user("default").password(password.getKey()).build()).build()) {
                    if (password.getValue()) {
                        assertThat(client.set("a", "1")).isEqualTo("OK");
                    } else {
                        assertThatThrownBy(() -> client.set("a", "1")).isInstanceOf(JedisAccessControlException.class);
                    }
                }
            }
        }
    }

    @Test
    void expiredKeysAreGone() {
        try (RedisClient client = client(RedisProtocol.RESP3)) {
            client.set("soon", "v", SetParams.setParams().px(20));
            await().untilAsserted(() -> assertThat(client.get("soon")).isNull());
        }
    }
}
