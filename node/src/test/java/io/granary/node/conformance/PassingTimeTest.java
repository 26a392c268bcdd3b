package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.slots.transcript.Connection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens by itself as time passes: idle clients, idle keys, expired keys, ends of pauses. */
class PassingTimeTest {

    private final LateClock clock = new LateClock();
    private TestNode node;
    private Connection client;

    @BeforeEach
    void start() {
        node = TestNode.startAt(clock);
        client = node.connect();
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    @Test
    void keysThatNobodyReadsExpireToo() {
        for (int i = 0; i < 1000; i++) {
            client.ask("SET", "k" + i, "v", "PX", Integer.toString(1 + ThreadLocalRandom.current().nextInt(60_000)));
        }
        client.ask("SET", "stays", "v");
        clock.advance(60_000);
        await().until(() -> client.ask("DBSIZE").text().equals("1"));
        InfoText info = InfoText.of(client, "stats", "keyspace");
        assertThat(info.number("expired_keys")).isEqualTo(1000);
        assertThat(info.text("db0")).startsWith("keys=1,expires=0");
    }

    @Test
    void whoDoesNotTouchLeavesKeysIdle() {
        client.ask("SET", "k", "v");
        clock.advance(20_000);
        client.ask("CLIENT", "NO-TOUCH", "on");
        client.ask("GET", "k");
        client.ask("STRLEN", "k");
        assertThat(Long.parseLong(client.ask("OBJECT", "IDLETIME", "k").text())).isBetween(19L, 39L);
        client.ask("TOUCH", "k");
        assertThat(Long.parseLong(client.ask("OBJECT", "IDLETIME", "k").text())).isBetween(0L, 18L);
        clock.advance(20_000);
        client.ask("CLIENT", "NO-TOUCH", "off");
        client.ask("EXISTS", "k");
        client.ask("TTL", "k");
        client.ask("OBJECT", "ENCODING", "k");
        assertThat(Long.parseLong(client.ask("OBJECT", "IDLETIME", "k").text())).isBetween(19L, 39L);
        client.ask("GET", "k");
        assertThat(Long.parseLong(client.ask("OBJECT", "IDLETIME", "k").text())).isBetween(0L, 18L);
    }

    @Test
    void idleClientsAreClosedButMonitorsAreNot() {
        client.configure("timeout", "60");
        try (Wire idle = Wire.to(node); Wire monitor = Wire.to(node); Wire half = Wire.to(node)) {
            assertThat(idle.ask("PING")).isEqualTo("PONG");
            assertThat(monitor.ask("MONITOR")).isEqualTo("OK");
            half.send("*1\r\n$4\r\nPI");
            await().until(() -> client.ask("CLIENT", "LIST").text().contains(" qbuf=10 "));
            clock.advance(50_000);
            client.ask("PING");
            half.send("N");
            await().until(() -> client.ask("CLIENT", "LIST").text().contains(" qbuf=11 "));
            clock.advance(20_000);
            assertThat(idle.rest()).isEmpty();
            assertThat(half.send("G\r\n").reply()).isEqualTo("PONG");
            client.ask("ECHO", "still watched");
            Set<String> seen = new HashSet<>();
            await().until(() -> {
                seen.add(monitor.reply());
                return seen.stream().anyMatch(line -> line.endsWith("\"still watched\""));
            });
        }
    }

    @Test
    void aPauseEndsByItself() {
        client.ask("CLIENT", "PAUSE", "100000", "WRITE");
        try (Wire writer = Wire.to(node)) {
            writer.request("SET", "a", "1");
            assertThat(writer.isSilent(30)).isTrue();
            clock.advance(100_001);
            assertThat(writer.reply()).isEqualTo("OK");
        }
    }

    @Test
    void ageAndIdleTimeOfAClientAreSeen() {
        clock.advance(40_000);
        String line = client.ask("CLIENT", "INFO").text();
        assertThat(line).containsPattern(" age=4\\d ").contains(" idle=0 ");
        clock.advance(7_000);
        try (Wire other = Wire.to(node)) {
            assertThat(other.ask("CLIENT", "LIST", "ID", "1")).containsPattern(" idle=(7|8|9|[12]\\d) ");
            assertThat(other.ask("CLIENT", "KILL", "MAXAGE", "30")).isEqualTo("(integer) 1");
        }
    }
}
