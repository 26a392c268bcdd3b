package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.slots.transcript.Connection;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that ask for more than they read: they get all of it in the end, and the node does not hold all of it before. */
class SlowReaderTest {

    private static final int VALUE_BYTES = 10_000;

    /** Replies that wait for one client, and what was under way when there were too many. */
    private static final long HELD_BYTES_MAX = 96L << 20;

    /** So much waits before the node stops answering. */
    private static final long HELD_BYTES_LEAST = 32L << 20;

    @Test
    void theNodeHoldsOnlyAPartOfTheReplies() {
        askFor(12_000);
    }

    @Test
    @Tag("soak")
    void aGigabyteOfRepliesIsHeldInPartsToo() {
        askFor(100_000);
    }

    private static void askFor(int replies) {
        String value = "v".repeat(VALUE_BYTES);
        try (TestNode node = TestNode.start(); Connection operator = node.connect(); Wire slow = Wire.to(node)) {
            operator.ask("SET", "k", value);
            slow.send("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".repeat(replies));
            await().until(() -> heldBytes(operator) > HELD_BYTES_LEAST && settled(operator));
            InfoText info = InfoText.of(operator, "clients", "memory", "commandstats");
            assertThat(info.number("client_recent_max_output_buffer")).isLessThan(HELD_BYTES_MAX);
            assertThat(info.number("mem_clients_normal")).isLessThan(HELD_BYTES_MAX);
            assertThat(Long.parseLong(info.parts("cmdstat_get").get("calls"))).isLessThan(replies);
            for (int i = 0; i < replies; i++) {
                assertThat(slow.frame().text().length()).isEqualTo(VALUE_BYTES);
            }
            assertThat(slow.ask("PING")).isEqualTo("PONG");
            assertThat(InfoText.of(operator, "commandstats").parts("cmdstat_get")).containsEntry("calls", "" + replies);
        }
    }

    private static long heldBytes(Connection operator) {
        return InfoText.of(operator, "clients").number("client_recent_max_output_buffer");
    }

    /** Whether the node has stopped answering the client that does not read. */
    private static boolean settled(Connection operator) {
        String before = calls(operator);
        for (int i = 0; i < 100; i++) {
            operator.ask("PING");
        }
        return !before.isEmpty() && calls(operator).equals(before);
    }

    private static String calls(Connection operator) {
        return InfoText.of(operator, "commandstats").fields().getOrDefault("cmdstat_get", "");
    }

    @Test
    void aSlowReaderDoesNotHoldUpTheOthersOfItsLoop() {
        try (TestNode node = TestNode.start("--io-threads", "1"); Connection operator = node.connect();
                Wire slow = Wire.to(node)) {
            operator.ask("SET", "k", "v".repeat(VALUE_BYTES));
            slow.send("GET k\r\n".repeat(20_000));
            assertThat(operator.ask("ECHO", "quick").text()).isEqualTo("quick");
            slow.reset();
            await().until(() -> InfoText.of(operator, "clients").number("connected_clients") == 1);
            assertThat(InfoText.of(operator, "memory").number("mem_clients_normal")).isLessThan(1 << 20);
        }
    }

    @Test
    void aMonitorThatDoesNotReadIsCutOff() {
        try (TestNode node = TestNode.start(); Connection operator = node.connect();
                Wire monitor = Wire.to(node.port(), 4096); Wire busy = Wire.to(node)) {
            monitor.ask("MONITOR");
            String message = "m".repeat(50_000);
            for (int i = 0; i < 4_000 && disconnections(operator) == 0; i++) {
                for (int j = 0; j < 20; j++) {
                    busy.request("ECHO", message);
                }
                for (int j = 0; j < 20; j++) {
                    busy.frame();
                }
            }
            assertThat(disconnections(operator)).isEqualTo(1);
            await().until(() -> InfoText.of(operator, "clients").number("connected_clients") == 2);
            assertThat(node.log()).contains("for overcoming of output buffer limits");
        }
    }

    private static long disconnections(Connection operator) {
        return InfoText.of(operator, "stats").number("client_output_buffer_limit_disconnections");
    }
}
