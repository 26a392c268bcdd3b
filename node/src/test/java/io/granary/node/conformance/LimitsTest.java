package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.resp.RequestEncoder;
import io.granary.slots.transcript.Connection;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Limits hold from the moment they are set, also for clients that are connected. */
@ParameterizedClass(name = "{0}")
@EnumSource
class LimitsTest {

    private static final String OUT_OF_MEMORY = "(error) OOM command not allowed when used memory > 'maxmemory'.";
    private static final int MEGABYTE = 1 << 20;

    @Parameter
    private LiveServer.Kind kind;

    private LiveServer server;
    private Connection operator;
    private Wire client;

    @BeforeEach
    void start() {
        server = kind.start("--rename-command", "KEYS", "", "--rename-command", "DBSIZE", "COUNTKEYS");
        operator = server.connect();
        client = Wire.to(server);
        client.ask("PING");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            client.close();
            operator.close();
            server.close();
        }
    }

    @Test
    void anArgumentMayBeTooLong() {
        operator.configure("proto-max-bulk-len", "1mb");
        assertThat(client.ask("SET", "k", "v".repeat(MEGABYTE))).isEqualTo("OK");
        assertThat(client.ask("APPEND", "k", "x"))
                .isEqualTo("(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)");
        assertThat(client.ask("SETRANGE", "k", Integer.toString(MEGABYTE), "x"))
                .isEqualTo("(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)");
        client.send("*2\r\n$4\r\nECHO\r\n$" + (MEGABYTE + 1) + "\r\n");
        assertThat(client.rest()).isEqualTo("-ERR Protocol error: invalid bulk length\r\n");
        try (Wire other = Wire.to(server)) {
            operator.configure("proto-max-bulk-len", "2mb");
            assertThat(other.ask("APPEND", "k", "x")).isEqualTo("(integer) " + (MEGABYTE + 1));
            assertThat(other.ask("STRLEN", "k")).isEqualTo("(integer) " + (MEGABYTE + 1));
        }
    }

    @Test
    void aRequestMayBeTooLong() {
        operator.configure("client-query-buffer-limit", "1mb");
        assertThat(client.ask("ECHO", "x".repeat(MEGABYTE / 2))).hasSize(MEGABYTE / 2 + 2);
        byte[] request = RequestEncoder.encode("ECHO", "x".repeat(MEGABYTE * 3 / 2));
        try {
            client.send(request);
        } catch (UncheckedIOException _) {
            // closed before all of it was sent
        }
        assertThat(client.rest()).isEmpty();
        assertThat(operator.ask("PING").text()).isEqualTo("PONG");
    }

    @Test
    void namesMayBeAsManyAsTheyAre() {
        String[] sections = new String[1001];
        String[] commands = new String[1001];
        Arrays.setAll(sections, i -> i == 0 ? "INFO" : "section" + i);
        Arrays.setAll(commands, i -> i == 0 ? "LATENCY" : i == 1 ? "HISTOGRAM" : "cluster");
        assertThat(client.ask(sections)).isEqualTo("\"\"");
        assertThat(client.ask(commands)).isEqualTo("(empty array)");
        sections[500] = "CPU";
        assertThat(client.ask(sections)).startsWith("\"# CPU\\r\\nused_cpu_sys:").doesNotContain("# Server");
    }

    @Test
    void argumentsOfConfigMayBeTooLong() {
        assumeTrue(kind == LiveServer.Kind.GRANARY, "a limit of ours: they lie on the heap");
        String[] request = new String[12];
        Arrays.fill(request, "x".repeat(MEGABYTE));
        request[0] = "CONFIG";
        request[1] = "GET";
        assertThat(client.ask(request)).isEqualTo("(error) ERR the arguments are longer than this command takes");
        request[1] = "SET";
        assertThat(client.ask(request)).isEqualTo("(error) ERR the arguments are longer than this command takes");
    }

    @Test
    void repliesMayBeTooLong() {
        operator.ask("SET", "k", "v".repeat(200_000));
        operator.ask("CONFIG", "SET", "client-output-buffer-limit", "normal 100000 0 0");
        assertThat(client.ask("PING")).isEqualTo("PONG");
        client.request("GET", "k");
        assertThat(client.rest()).isEmpty();
        assertThat(operator.ask("PING").text()).isEqualTo("PONG");
    }

    @Test
    void memoryMayBeUsedUp() {
        operator.ask("SET", "k", "v".repeat(10_000));
        client.ask("MULTI");
        client.ask("SET", "queued", "before");
        operator.configure("maxmemory", "1");
        try (Wire other = Wire.to(server)) {
            assertThat(other.ask("SET", "a", "1")).isEqualTo(OUT_OF_MEMORY);
            assertThat(other.ask("INCR", "a")).isEqualTo(OUT_OF_MEMORY);
            assertThat(other.ask("STRLEN", "k")).isEqualTo("(integer) 10000");
            assertThat(other.ask("EXPIRE", "k", "100")).isEqualTo("(integer) 1");
            assertThat(other.ask("MULTI") + other.ask("SET", "a", "1") + other.ask("EXEC"))
                    .isEqualTo("OK" + OUT_OF_MEMORY + "(error) EXECABORT Transaction discarded because of previous errors.");
            assertThat(client.ask("EXEC"))
                    .isEqualTo("(error) EXECABORT Transaction discarded because of: "
                            + OUT_OF_MEMORY.substring("(error) ".length()));
            assertThat(other.ask("DEL", "k")).isEqualTo("(integer) 1");
            operator.configure("maxmemory", "0");
            assertThat(other.ask("SET", "a", "1")).isEqualTo("OK");
            assertThat(other.ask("EXISTS", "queued")).isEqualTo("(integer) 0");
        }
    }

    @Test
    void keysMakeRoomIfTheyMay() {
        for (int i = 0; i < 2_000; i++) {
            operator.ask("SET", "k" + i, "v".repeat(5_000));
        }
        operator.ask("SET", "expires", "v", "EX", "100000");
        long used = InfoText.of(operator, "memory").number("used_memory");
        operator.configure("maxmemory-policy", "volatile-ttl");
        operator.configure("maxmemory", Long.toString(used - 2L * MEGABYTE));
        // while room is being made, commands may run
        await().until(() -> client.ask("SET", "a", "1").equals(OUT_OF_MEMORY));
        assertThat(client.ask("EXISTS", "expires")).isEqualTo("(integer) 0");
        for (String policy : new String[] {"allkeys-lru", "allkeys-lfu", "allkeys-random"}) {
            operator.configure("maxmemory-policy", policy);
            operator.configure("maxmemory", Long.toString(InfoText.of(operator, "memory").number("used_memory") - MEGABYTE));
            await().until(() -> client.ask("SET", "a", "1").equals("OK") && hasRoom());
        }
        await().untilAsserted(() -> {
            // room may still be being made between the two
            long evicted = InfoText.of(operator, "stats").number("evicted_keys");
            assertThat(evicted).isBetween(500L, 1_900L);
            // "a" may have been evicted and set again, several times
            long left = 2_002 - evicted;
            assertThat(Long.parseLong(operator.ask("COUNTKEYS").text())).isBetween(left, left + 10);
        });
    }

    private boolean hasRoom() {
        InfoText memory = InfoText.of(operator, "memory");
        return memory.number("used_memory") <= memory.number("maxmemory") + MEGABYTE / 4;
    }

    @Test
    void commandsMayHaveOtherNamesOrNone() {
        assertThat(client.ask("KEYS", "*")).isEqualTo("(error) ERR unknown command 'KEYS', with args beginning with: '*' ");
        assertThat(client.ask("DBSIZE")).isEqualTo("(error) ERR unknown command 'DBSIZE', with args beginning with: ");
        assertThat(client.ask("COUNTKEYS")).isEqualTo("(integer) 0");
        assertThat(client.ask("countkeys")).isEqualTo("(integer) 0");
    }
}
