package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.resp.Frame;
import io.granary.resp.RequestEncoder;
import io.granary.slots.Slot;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What DustDB and Duva, the two caches that Granary grows out of, promise their users, where Redis promises it too. Numbered
 * as in the list of their scenarios; those of types, persistence and replication are elsewhere.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeedScenariosTest {

    private static final String NOT_AN_INTEGER = "(error) ERR value is not an integer or out of range";

    private TestNode node;
    private Wire client;

    @BeforeAll
    void start() {
        node = TestNode.startExpiring();
        client = Wire.to(node);
    }

    @AfterAll
    void stop() {
        client.close();
        node.close();
    }

    @BeforeEach
    void empty() {
        client.ask("FLUSHALL");
    }

    // ---- A: commands ----

    @Test
    void a01SetThatExpires() {
        assertThat(client.ask("SET", "k", "v", "PX", "1000")).isEqualTo("OK");
        assertThat(client.ask("GET", "k")).isEqualTo("\"v\"");
        await().until(() -> client.ask("GET", "k").equals("(nil)"));
    }

    @Test
    void a02TimeToLive() {
        client.ask("SET", "k", "v", "PX", "5000");
        assertThat(client.ask("TTL", "k")).isIn("(integer) 4", "(integer) 5");
        client.ask("SET", "forever", "v");
        assertThat(client.ask("TTL", "missing")).isEqualTo("(integer) -2");
        assertThat(client.ask("TTL", "forever")).isEqualTo("(integer) -1");
    }

    @Test
    void a03And04DeletingAndExisting() {
        client.ask("SET", "a", "1");
        client.ask("SET", "c", "1");
        assertThat(client.ask("EXISTS", "a", "c", "d")).isEqualTo("(integer) 2");
        assertThat(client.ask("EXISTS", "a", "a")).isEqualTo("(integer) 2");
        assertThat(client.ask("EXISTS", "x")).isEqualTo("(integer) 0");
        assertThat(client.ask("DEL", "a", "c", "d")).isEqualTo("(integer) 2");
        assertThat(client.ask("GET", "a")).isEqualTo("(nil)");
    }

    @Test
    void a05Incrementing() {
        for (int i = 1; i <= 3; i++) {
            assertThat(client.ask("INCR", "n")).isEqualTo("(integer) " + i);
        }
        assertThat(client.ask("GET", "n")).isEqualTo("\"3\"");
        for (String value : List.of("text", "12345678901234567890123")) {
            client.ask("SET", "no-number", value);
            assertThat(client.ask("INCR", "no-number")).isEqualTo(NOT_AN_INTEGER);
            assertThat(client.ask("GET", "no-number")).isEqualTo("\"" + value + "\"");
        }
    }

    @Test
    void a06Decrementing() {
        for (int i = 1; i <= 3; i++) {
            assertThat(client.ask("DECR", "n")).isEqualTo("(integer) -" + i);
        }
        assertThat(client.ask("INCR", "n")).isEqualTo("(integer) -2");
        assertThat(client.ask("DECR", "n")).isEqualTo("(integer) -3");
        client.ask("SET", "n", "text");
        assertThat(client.ask("DECR", "n")).isEqualTo(NOT_AN_INTEGER);
    }

    @Test
    void a07IncrementingByNumbers() {
        assertThat(client.ask("INCRBY", "n", "10")).isEqualTo("(integer) 10");
        assertThat(client.ask("INCRBY", "n", "10")).isEqualTo("(integer) 20");
        assertThat(client.ask("INCRBY", "n", "-5")).isEqualTo("(integer) 15");
        assertThat(client.ask("DECRBY", "n", "20")).isEqualTo("(integer) -5");
        assertThat(client.ask("DECRBY", "n", "-6")).isEqualTo("(integer) 1");
        assertThat(client.ask("INCRBY", "n", "1.5")).isEqualTo(NOT_AN_INTEGER);
        client.ask("SET", "n", "text");
        assertThat(client.ask("INCRBY", "n", "1")).isEqualTo(NOT_AN_INTEGER);
        assertThat(client.ask("DECRBY", "n", "1")).isEqualTo(NOT_AN_INTEGER);
    }

    @Test
    void a08Appending() {
        assertThat(client.ask("APPEND", "k", "Hello")).isEqualTo("(integer) 5");
        assertThat(client.ask("GET", "k")).isEqualTo("\"Hello\"");
        assertThat(client.ask("APPEND", "k", " World")).isEqualTo("(integer) 11");
        assertThat(client.ask("GET", "k")).isEqualTo("\"Hello World\"");
    }

    @Test
    void a09ListingManyKeys() {
        for (int keys : List.of(2_000, 20_000)) {
            client.ask("FLUSHALL");
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < keys; i++) {
                requests.append("SET key").append(i).append(" v\r\n");
            }
            client.send(requests.toString());
            for (int i = 0; i < keys; i++) {
                assertThat(client.reply()).isEqualTo("OK");
            }
            for (String[] request : new String[][] {{"KEYS", "*"}, {"KEYS"}}) {
                client.request(request);
                Set<String> names = client.frame().items().stream().map(Frame::text).collect(Collectors.toSet());
                assertThat(names).hasSize(keys).contains("key0", "key" + (keys - 1));
            }
        }
    }

    @Test
    void a10TheDirectory() {
        client.request("CONFIG", "GET", "dir");
        List<Frame> reply = client.frame().items();
        assertThat(reply).hasSize(2);
        assertThat(reply.getFirst().text()).isEqualTo("dir");
        assertThat(reply.getLast().text()).startsWith("/");
    }

    @Test
    void a11ReplicationOfAFreshNode() {
        client.request("INFO", "replication");
        assertThat(client.frame().text()).startsWith("# Replication\r\nrole:master\r\nconnected_slaves:0\r\n")
                .containsPattern("master_replid:[0-9a-f]{40}\r\n").containsPattern("master_repl_offset:\\d+\r\n");
    }

    // ---- F: what upstream got wrong ----

    @Test
    void f52SetWithoutExpiryEndsTheOldOne() {
        client.ask("SET", "k", "v", "PX", "50");
        client.ask("SET", "k", "v2");
        assertThat(client.ask("PTTL", "k")).isEqualTo("(integer) -1");
        client.ask("DEBUG", "SLEEP", "0.06");
        assertThat(client.ask("GET", "k")).isEqualTo("\"v2\"");
    }

    @Test
    void f53KeysAndValuesKeepTheirBytes() {
        for (String text : List.of("007", "+5", "128", "200", "255", "40000", "4294967295", "-1", "", "\u0000\u00ff\r\n")) {
            client.ask("SET", text, text);
            client.request("GET", text);
            assertThat(client.frame().text()).isEqualTo(text);
        }
        client.request("KEYS", "*");
        assertThat(client.frame().items().stream().map(Frame::text)).contains("007", "200", "4294967295", "");
    }

    @Test
    void f54ErrorsLeaveTheConnectionUsable() {
        assertThat(client.ask("NOSUCH")).startsWith("(error) ERR unknown command 'NOSUCH'");
        assertThat(client.ask("GET")).isEqualTo("(error) ERR wrong number of arguments for 'get' command");
        assertThat(client.ask("SET", "k", "v", "PX", "soon")).isEqualTo(NOT_AN_INTEGER);
        assertThat(client.ask("SET", "k", "v", "PX")).isEqualTo("(error) ERR syntax error");
        assertThat(client.ask("PING")).isEqualTo("PONG");
        client.send("PING\r\n".repeat(100));
        for (int i = 0; i < 100; i++) {
            assertThat(client.reply()).isEqualTo("PONG");
        }
    }

    @Test
    void f57ReadsOfTheWrongNodeAreRedirected() {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(2); Wire one = Wire.to(cluster.node(0).port());
                Wire other = Wire.to(cluster.node(1).port())) {
            for (String key : List.of("a", "b", "c", "d")) {
                int slot = Slot.of(key.getBytes(StandardCharsets.US_ASCII));
                boolean first = slot < Slot.COUNT / 2;
                EmbeddedNode owner = cluster.node(first ? 0 : 1);
                assertThat((first ? one : other).ask("GET", key)).isEqualTo("(nil)");
                assertThat((first ? other : one).ask("GET", key))
                        .isEqualTo("(error) MOVED " + slot + " 127.0.0.1:" + owner.port());
            }
        }
    }

    @Test
    void f59PatternsAreGlobs() {
        for (String key : List.of("foo", "fo", "faro", "hello", "hallo", "hxllo", "hllo", "ae", "a", "e", "b", "*", "x*")) {
            client.ask("SET", key, "v");
        }
        assertThat(keys("f*o")).containsExactlyInAnyOrder("foo", "fo", "faro");
        assertThat(keys("h?llo")).containsExactlyInAnyOrder("hello", "hallo", "hxllo");
        assertThat(keys("h[ae]llo")).containsExactlyInAnyOrder("hello", "hallo");
        assertThat(keys("[ae]")).containsExactlyInAnyOrder("a", "e");
        assertThat(keys("\\*")).containsExactlyInAnyOrder("*");
        assertThat(keys("h[^e]llo")).containsExactlyInAnyOrder("hallo", "hxllo");
    }

    private Set<String> keys(String pattern) {
        client.request("KEYS", pattern);
        return client.frame().items().stream().map(Frame::text).collect(Collectors.toCollection(HashSet::new));
    }

    @Test
    void f60WordsTypedIntoATerminal() {
        try (Wire terminal = Wire.to(node)) {
            assertThat(terminal.send("SET hello world\n").reply()).isEqualTo("OK");
            assertThat(terminal.send("GET hello\n").reply()).isEqualTo("\"world\"");
            assertThat(terminal.send("SET news \"Rust 2.0 released!\"\r\n").reply()).isEqualTo("OK");
            assertThat(terminal.send("GET news\n").reply()).isEqualTo("\"Rust 2.0 released!\"");
            assertThat(terminal.send("incr counter\n").reply()).isEqualTo("(integer) 1");
            assertThat(terminal.send("EXPIRE hello 10\n").reply()).isEqualTo("(integer) 1");
            assertThat(terminal.send("SETEX hello 10 there\n").reply()).isEqualTo("OK");
            assertThat(terminal.send("AUTH mypassword\n").reply())
                    .startsWith("(error) ERR AUTH <password> called without any");
        }
        try (TestNode locked = TestNode.startExpiring("--requirepass", "mypassword"); Wire terminal = Wire.to(locked)) {
            assertThat(terminal.send("GET hello\n").reply()).isEqualTo("(error) NOAUTH Authentication required.");
            assertThat(terminal.send("AUTH wrong\n").reply()).startsWith("(error) WRONGPASS");
            assertThat(terminal.send("AUTH mypassword\n").reply()).isEqualTo("OK");
            assertThat(terminal.send("GET hello\n").reply()).isEqualTo("(nil)");
        }
    }

    @Test
    void f60TwoNodesAreJoined() {
        try (EmbeddedCluster cluster = EmbeddedCluster.unformed(2); Wire terminal = Wire.to(cluster.node(0).port());
                Wire other = Wire.to(cluster.node(1).port())) {
            terminal.send("CLUSTERJOIN " + cluster.node(1).address() + "\n");
            assertThat(terminal.reply()).isEqualTo("OK");
            for (Wire each : List.of(terminal, other)) {
                await().until(() -> {
                    each.send(RequestEncoder.encode("CLUSTER", "NODES"));
                    String nodes = each.frame().text();
                    return nodes.lines().count() == 2 && nodes.contains(cluster.node(0).address() + "@")
                            && nodes.contains(cluster.node(1).address() + "@") && !nodes.contains("handshake");
                });
            }
        }
    }
}
