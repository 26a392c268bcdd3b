package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.resp.Frame;
import io.granary.slots.transcript.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is counted of commands, errors, keys and bytes: to the last one, whichever threads serve the clients. */
@ParameterizedClass(name = "{0}")
@EnumSource
class StatisticsTest {

    @Parameter
    private LiveServer.Kind kind;

    private LiveServer server;
    private Connection client;

    @BeforeEach
    void start() {
        server = kind.start("--io-threads", "2");
        client = server.connect();
        client.ask("CONFIG", "RESETSTAT");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    private static void assertCalls(InfoText info, String command, int calls, int rejected, int failed) {
        Map<String, String> parts = info.parts("cmdstat_" + command);
        assertThat(parts.keySet()).containsExactly("calls", "usec", "usec_per_call", "rejected_calls", "failed_calls");
        assertThat(List.of(parts.get("calls"), parts.get("rejected_calls"), parts.get("failed_calls"))).as(command)
                .containsExactly(Integer.toString(calls), Integer.toString(rejected), Integer.toString(failed));
        assertThat(parts.get("usec")).matches("\\d+");
        assertThat(parts.get("usec_per_call")).matches("\\d+\\.\\d\\d");
    }

    @Test
    void callsRefusalsAndFailuresAreCountedByCommand() {
        client.ask("SET", "a", "x");
        client.ask("SET", "a");
        client.ask("SET", "a", "1", "EX", "0");
        client.ask("GET", "a");
        client.ask("GET", "missing");
        client.ask("INCR", "a");
        client.ask("OBJECT", "ENCODING", "a");
        client.ask("OBJECT", "NOSUCH");
        client.ask("NOSUCH");
        client.ask("MULTI");
        client.ask("INCR", "a");
        client.ask("SET", "b", "1");
        client.ask("EXEC");
        InfoText info = InfoText.of(client, "commandstats");
        assertCalls(info, "set", 3, 1, 1);
        assertCalls(info, "get", 2, 0, 0);
        assertCalls(info, "incr", 2, 0, 2);
        assertCalls(info, "object|encoding", 1, 0, 0);
        assertCalls(info, "multi", 1, 0, 0);
        assertCalls(info, "exec", 1, 0, 0);
        assertCalls(info, "config|resetstat", 1, 0, 0);
        assertThat(info.fields()).doesNotContainKeys("cmdstat_object", "cmdstat_nosuch", "cmdstat_info");
    }

    @Test
    void errorsAreCountedByTheirCode() {
        client.ask("NOSUCH");
        client.ask("GET");
        client.ask("AUTH", "default", "x");
        client.ask("AUTH", "nobody", "x");
        client.ask("HELLO", "9");
        client.ask("MULTI");
        client.ask("NOSUCH");
        client.ask("EXEC");
        InfoText info = InfoText.of(client, "errorstats", "stats");
        assertThat(info.fields()).containsEntry("errorstat_ERR", "count=3").containsEntry("errorstat_EXECABORT", "count=1")
                .containsEntry("errorstat_NOPROTO", "count=1").containsEntry("errorstat_WRONGPASS", "count=1");
        assertThat(info.number("total_error_replies")).isEqualTo(6);
    }

    @Test
    void anErrorInATransactionIsItsCommandsAlone() {
        client.ask("SET", "a", "x");
        client.ask("MULTI");
        client.ask("INCR", "a");
        client.ask("EXEC");
        InfoText info = InfoText.of(client, "errorstats", "commandstats", "stats");
        assertThat(info.fields()).containsEntry("errorstat_ERR", "count=1");
        assertThat(info.number("total_error_replies")).isEqualTo(1);
        assertCalls(info, "incr", 1, 0, 1);
        assertCalls(info, "exec", 1, 0, 0);
    }

    @Test
    void readsOfKeysHitOrMiss() {
        client.ask("SET", "a", "1");
        client.ask("GET", "a");
        client.ask("GET", "missing");
        client.ask("MGET", "a", "a", "missing");
        client.ask("EXISTS", "a", "missing");
        client.ask("TTL", "a");
        client.ask("STRLEN", "missing");
        client.ask("INCR", "a");
        client.ask("DEL", "a", "missing");
        InfoText info = InfoText.of(client, "stats");
        assertThat(info.number("keyspace_hits")).isEqualTo(5);
        assertThat(info.number("keyspace_misses")).isEqualTo(4);
    }

    @Test
    void keysThatExpireAreCounted() {
        client.ask("SET", "a", "1", "PX", "1");
        client.ask("SET", "b", "1", "PX", "1");
        client.ask("DEBUG", "SLEEP", "0.005");
        client.ask("GET", "a");
        assertThat(InfoText.of(client, "stats").number("expired_keys")).isEqualTo(1);
        client.ask("EXISTS", "b");
        InfoText info = InfoText.of(client, "stats");
        assertThat(info.number("expired_keys")).isEqualTo(2);
        assertThat(info.number("evicted_keys")).isZero();
    }

    @Test
    void commandsConnectionsAndBytesOfAllClientsAreSummed() {
        InfoText before = InfoText.of(client, "stats");
        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(Wire.to(server));
        }
        for (Wire each : clients) {
            each.send("PING\r\n".repeat(50));
            for (int i = 0; i < 50; i++) {
                each.reply();
            }
        }
        InfoText after = InfoText.of(client, "stats", "commandstats");
        assertThat(after.number("total_connections_received") - before.number("total_connections_received")).isEqualTo(8);
        assertThat(after.number("total_commands_processed") - before.number("total_commands_processed")).isEqualTo(401);
        assertCalls(after, "ping", 400, 0, 0);
        long request = "*3\r\n$4\r\nINFO\r\n$5\r\nstats\r\n$12\r\ncommandstats\r\n".length();
        assertThat(after.number("total_net_input_bytes") - before.number("total_net_input_bytes"))
                .isEqualTo(400 * "PING\r\n".length() + request);
        long written = after.number("total_net_output_bytes") - before.number("total_net_output_bytes");
        assertThat(written).isBetween(400L * "+PONG\r\n".length(), 400L * "+PONG\r\n".length() + 20_000);
        await().until(() -> InfoText.of(client, "clients").number("connected_clients")
                == client.ask("CLIENT", "LIST").text().lines().count());
        clients.forEach(Wire::close);
    }

    @Test
    void resetstatForgetsWhatWasCountedByAllThreads() {
        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Wire each = Wire.to(server);
            clients.add(each);
            each.ask("GET", "missing");
            each.ask("NOSUCH");
        }
        client.ask("CONFIG", "RESETSTAT");
        InfoText info = InfoText.of(client, "everything");
        assertThat(info.fields()).doesNotContainKeys("cmdstat_get", "errorstat_ERR", "latency_percentiles_usec_get");
        assertCalls(info, "config|resetstat", 1, 0, 0);
        assertThat(info.number("total_commands_processed")).isEqualTo(1);
        assertThat(info.number("total_connections_received")).isZero();
        assertThat(info.number("keyspace_misses")).isZero();
        assertThat(info.number("total_error_replies")).isZero();
        assertThat(client.ask("LATENCY", "HISTOGRAM", "get").items()).isEmpty();
        clients.getFirst().ask("GET", "missing");
        assertCalls(InfoText.of(client, "commandstats"), "get", 1, 0, 0);
        clients.forEach(Wire::close);
    }

    @Test
    void histogramsCountWhatCommandstatsCount() {
        for (int i = 0; i < 10; i++) {
            client.ask("SET", "a", "1");
        }
        client.ask("CONFIG", "GET", "port");
        client.resp3(true);
        var histograms = (Frame.MapFrame) client.ask("LATENCY", "HISTOGRAM", "set", "config", "nosuch");
        assertThat(histograms.pairs().stream().map(pair -> pair.key().text()))
                .containsExactlyInAnyOrder("set", "config|get", "config|resetstat");
        var set = (Frame.MapFrame) histograms.get("set");
        assertThat(set.get("calls").text()).isEqualTo("10");
        var buckets = ((Frame.MapFrame) set.get("histogram_usec")).pairs();
        assertThat(buckets.getLast().value().text()).isEqualTo("10");
        assertThat(buckets.stream().map(pair -> Long.parseLong(pair.key().text()))).isSorted();
        assertThat(buckets.stream().map(pair -> Long.bitCount(Long.parseLong(pair.key().text())))).containsOnly(1);
    }
}
