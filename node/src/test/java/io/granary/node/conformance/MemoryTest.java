package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.resp.Frame;
import io.granary.slots.transcript.Connection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What MEMORY and INFO say of memory is so, and has the form that tools know. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemoryTest {

    private TestNode node;
    private Connection client;

    @BeforeAll
    void start() {
        node = TestNode.start();
        client = node.connect();
    }

    @AfterAll
    void stop() {
        client.close();
        node.close();
    }

    private static Map<String, String> kinds(Connection server) {
        server.resp3(true);
        Map<String, String> kinds = new LinkedHashMap<>();
        for (Frame.Pair pair : ((Frame.MapFrame) server.ask("MEMORY", "STATS")).pairs()) {
            kinds.put(pair.key().text(), pair.value().getClass().getSimpleName());
        }
        server.resp3(false);
        return kinds;
    }

    @Test
    void statsHaveTheFieldsOfRedis() {
        try (LiveServer redis = LiveServer.Kind.REDIS.start(); Connection theirs = redis.connect()) {
            theirs.ask("SET", "a", "1");
            client.ask("SET", "a", "1");
            assertThat(kinds(client)).containsAllEntriesOf(kinds(theirs));
        }
    }

    @Test
    void everyByteIsAccountedForAndComesBack() {
        client.ask("FLUSHALL");
        long before = InfoText.of(client, "memory").number("used_memory");
        long small = Long.parseLong(usage("small", 10));
        long large = Long.parseLong(usage("large", 100_000));
        assertThat(small).isBetween(20L, 200L);
        assertThat(large).isBetween(100_000L, 130_000L);
        assertThat(InfoText.of(client, "memory").number("used_memory") - before).isGreaterThan(100_000 + 10)
                .isLessThanOrEqualTo(small + large);
        for (int i = 0; i < 5_000; i++) {
            client.ask("SET", "k" + i, "v".repeat(2_000));
        }
        InfoText full = InfoText.of(client, "memory");
        assertThat(full.number("used_memory_dataset")).isGreaterThan(10_000_000);
        assertThat(full.number("used_memory_peak")).isGreaterThanOrEqualTo(full.number("used_memory"));
        assertThat(client.ask("MEMORY", "DOCTOR").text()).contains("I can't find any memory issue in your instance");
        client.ask("FLUSHALL");
        assertThat(client.ask("MEMORY", "PURGE").text()).isEqualTo("OK");
        await().until(() -> InfoText.of(client, "memory").number("used_memory") <= before + 4096);
        InfoText empty = InfoText.of(client, "memory");
        assertThat(empty.number("allocator_active")).isLessThan(full.number("allocator_active") / 4);
        assertThat(empty.number("used_memory_peak")).isGreaterThanOrEqualTo(full.number("used_memory"));
    }

    private String usage(String key, int bytes) {
        client.ask("SET", key, "v".repeat(bytes));
        return client.ask("MEMORY", "USAGE", key).text();
    }
}
