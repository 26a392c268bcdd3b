package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.resp.RequestEncoder;
import io.granary.slots.Slot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What CLUSTER SLOT-STATS says of the slots of a node: to the byte, and of nobody else's. */
class SlotStatsTest {

    private static final int SLOT = Slot.of("{b}".getBytes(StandardCharsets.US_ASCII));
    private static final String NAME = Integer.toString(SLOT);

    private TestNode node;
    private Wire client;

    @BeforeEach
    void start() {
        node = TestNode.start("--cluster-enabled", "yes", "--cluster-require-full-coverage", "no", "--io-threads", "2");
        client = Wire.to(node);
        client.ask("CLUSTER", "ADDSLOTS", NAME, "7", "9");
        await().until(() -> client.ask("CLUSTER", "INFO").contains("cluster_state:ok"));
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    private static int bytes(String... request) {
        return RequestEncoder.encode(request).length;
    }

    /** The figures of the slot, in the order of the reply: keys, time, bytes in, bytes out, memory. */
    private List<Long> figures() {
        List<String> reply = client.ask("CLUSTER", "SLOT-STATS", "SLOTSRANGE", NAME, NAME).lines().toList();
        assertThat(reply).hasSize(11);
        return List.of(1, 2, 3, 4, 5).stream().map(i -> Long.parseLong(reply.get(2 * i).replaceAll(".* ", ""))).toList();
    }

    private void ask(String... request) {
        client.ask(request);
    }

    @Test
    void aSlotCountsItsKeysItsBytesAndItsTime() {
        ask("SET", "{b}k", "v");
        ask("GET", "{b}k");
        ask("GET", "{b}none");
        List<Long> figures = figures();
        assertThat(figures.get(0)).isEqualTo(1);
        assertThat(figures.get(1)).isPositive();
        assertThat(figures.get(2)).isEqualTo(bytes("SET", "{b}k", "v") + bytes("GET", "{b}k") + bytes("GET", "{b}none"));
        assertThat(figures.get(3)).isEqualTo("+OK\r\n$1\r\nv\r\n$-1\r\n".length());
        assertThat(figures.get(4)).isGreaterThanOrEqualTo(64 + 16);
        ask("DEL", "{b}k");
        assertThat(figures().get(0)).isZero();
        assertThat(figures().get(4)).isZero();
    }

    @Test
    void aTransactionIsOfItsSlot() {
        ask("MULTI");
        ask("SET", "{b}k", "v");
        ask("EXEC");
        List<Long> figures = figures();
        assertThat(figures.get(2)).isEqualTo(bytes("MULTI") + bytes("SET", "{b}k", "v") + bytes("EXEC"));
        assertThat(figures.get(3)).isEqualTo("+QUEUED\r\n*1\r\n+OK\r\n".length());
    }

    @Test
    void countsAreForgottenOnRequestAndWithTheSlot() {
        ask("SET", "{b}k", "v");
        ask("CONFIG", "RESETSTAT");
        assertThat(figures().subList(0, 4)).containsExactly(1L, 0L, 0L, 0L);
        ask("GET", "{b}k");
        assertThat(figures().get(2)).isPositive();
        ask("CLUSTER", "DELSLOTS", NAME);
        assertThat(client.ask("CLUSTER", "SLOT-STATS", "SLOTSRANGE", NAME, NAME)).isEqualTo("(empty array)");
        ask("CLUSTER", "ADDSLOTS", NAME);
        assertThat(figures().subList(0, 4)).containsExactly(1L, 0L, 0L, 0L);
    }

    @Test
    void slotsComeInTheOrderAskedFor() {
        ask("SET", "{b}k", "v");
        assertThat(slots("ORDERBY", "key-count")).containsExactly(SLOT, 7, 9);
        assertThat(slots("ORDERBY", "key-count", "ASC")).containsExactly(7, 9, SLOT);
        assertThat(slots("ORDERBY", "memory-bytes", "LIMIT", "1", "DESC")).containsExactly(SLOT);
        assertThat(slots("ORDERBY", "network-bytes-in", "ASC", "LIMIT", "2")).containsExactly(7, 9);
        assertThat(slots("SLOTSRANGE", "0", "16383")).containsExactly(7, 9, SLOT);
        assertThat(slots("slotsrange", "8", "9")).containsExactly(9);
    }

    private List<Integer> slots(String... how) {
        String[] request = new String[how.length + 2];
        request[0] = "CLUSTER";
        request[1] = "SLOT-STATS";
        System.arraycopy(how, 0, request, 2, how.length);
        return client.ask(request).lines().filter(line -> line.matches("\\d+\\) 1\\) .*"))
                .map(line -> Integer.valueOf(line.replaceAll(".* ", ""))).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            SLOTSRANGE 5 4                ; ERR Start slot number 5 is greater than end slot number 4
            SLOTSRANGE -1 4               ; ERR Invalid or out of range slot
            SLOTSRANGE 0 16384            ; ERR Invalid or out of range slot
            SLOTSRANGE 0                  ; ERR unknown subcommand or wrong number of arguments for 'SLOT-STATS'. Try CLUSTER HELP.
            SLOTSRANGE 0 1 2              ; ERR unknown subcommand or wrong number of arguments for 'SLOT-STATS'. Try CLUSTER HELP.
            ORDERBY size                  ; ERR Unrecognized sort metric for ORDERBY.
            ORDERBY key-count LIMIT 0     ; ERR Limit has to lie in between 1 and 16384 (maximum number of slots).
            ORDERBY key-count LIMIT x     ; ERR Limit has to lie in between 1 and 16384 (maximum number of slots).
            ORDERBY key-count LIMIT       ; ERR syntax error
            ORDERBY key-count UP          ; ERR syntax error
            ORDERBY key-count ASC DESC    ; ERR Multiple filters of the same type are disallowed.
            """)
    void whatMakesNoSenseIsRefusedInValkeysWords(String arguments, String error) {
        assertThat(client.ask(("CLUSTER SLOT-STATS " + arguments).split(" "))).isEqualTo("(error) " + error);
    }
}
