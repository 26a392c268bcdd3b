package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import io.granary.slots.transcript.Connection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What SLOWLOG and LATENCY keep of calls that took long. */
@ParameterizedClass(name = "{0}")
@EnumSource
class SlowLogTest {

    @Parameter
    private LiveServer.Kind kind;

    private LiveServer server;
    private Connection client;

    @BeforeEach
    void start() {
        server = kind.start();
        client = server.connect();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    /** The arguments of all entries but those of CONFIG and SLOWLOG, newest first. */
    private List<List<String>> logged() {
        return client.ask("SLOWLOG", "GET", "-1").items().stream()
                .map(entry -> entry.items().get(3).items().stream().map(Frame::text).toList())
                .filter(arguments -> !List.of("CONFIG", "SLOWLOG").contains(arguments.getFirst().toUpperCase()))
                .toList();
    }

    private void logEverything() {
        client.configure("slowlog-log-slower-than", "0");
        client.ask("SLOWLOG", "RESET");
    }

    @Test
    void anEntryTellsWhatWhenHowLongAndByWhom() {
        client.ask("CLIENT", "SETNAME", "sleeper");
        client.configure("slowlog-log-slower-than", "60000000");
        client.ask("DEBUG", "SLEEP", "0.02");
        assertThat(client.ask("SLOWLOG", "LEN").text()).isEqualTo("0");
        client.configure("slowlog-log-slower-than", "15000");
        client.ask("DEBUG", "SLEEP", "0.02");
        client.configure("slowlog-log-slower-than", "60000000");
        // on a busy machine anything may have been slow
        List<Frame> entry = client.ask("SLOWLOG", "GET").items().stream().map(Frame::items)
                .filter(each -> each.get(3).items().getFirst().text().equals("DEBUG")).findFirst().orElseThrow();
        assertThat(entry).hasSize(6);
        assertThat(entry.get(0).text()).matches("[0-3]");
        assertThat(Long.parseLong(entry.get(1).text())).isCloseTo(
                System.currentTimeMillis() / 1000, Offset.offset(30L));
        assertThat(Long.parseLong(entry.get(2).text())).isBetween(15_000L, 30_000_000L);
        assertThat(entry.get(3).items().stream().map(Frame::text)).containsExactly("DEBUG", "SLEEP", "0.02");
        assertThat(entry.get(4).text()).startsWith("127.0.0.1:");
        assertThat(entry.get(5).text()).isEqualTo("sleeper");
    }

    @Test
    void manyAndLongArgumentsAreCut() {
        logEverything();
        client.ask("ECHO", "x".repeat(128));
        client.ask("ECHO", "x".repeat(130));
        client.ask(deleting(31));
        client.ask(deleting(40));
        List<List<String>> logged = logged();
        assertThat(logged).hasSize(4);
        assertThat(logged.get(3)).containsExactly("ECHO", "x".repeat(128));
        assertThat(logged.get(2)).containsExactly("ECHO", "x".repeat(128) + "... (2 more bytes)");
        assertThat(logged.get(1)).hasSize(32).endsWith("29", "30");
        assertThat(logged.get(0)).hasSize(32).startsWith("DEL", "0").endsWith("29", "... (10 more arguments)");
    }

    private static String[] deleting(int keys) {
        return Stream.concat(Stream.of("DEL"), IntStream.range(0, keys).mapToObj(Integer::toString)).toArray(String[]::new);
    }

    @Test
    void secretsAreHidden() {
        logEverything();
        client.ask("AUTH", "secret");
        client.ask("AUTH", "default", "secret");
        client.ask("HELLO", "2", "AUTH", "default", "secret", "SETNAME", "me");
        client.ask("CONFIG", "SET", "masterauth", "secret", "maxmemory", "0");
        client.ask("CONFIG", "SET", "requirepass", "secret");
        client.ask("CONFIG", "SET", "requirepass", "");
        String all = client.ask("SLOWLOG", "GET", "-1").toString();
        assertThat(all).doesNotContain("secret");
        assertThat(client.ask("SLOWLOG", "GET", "-1").items().stream()
                .map(entry -> String.join(" ", entry.items().get(3).items().stream().map(Frame::text).toList())))
                .contains("AUTH (redacted)", "AUTH (redacted) (redacted)", "HELLO 2 AUTH (redacted) (redacted) SETNAME me",
                        "CONFIG SET masterauth (redacted) maxmemory 0", "CONFIG SET requirepass (redacted)");
    }

    @Test
    void theOldestGoWhenThereAreTooMany() {
        logEverything();
        client.configure("slowlog-max-len", "3");
        for (int i = 0; i < 5; i++) {
            client.ask("ECHO", Integer.toString(i));
        }
        assertThat(client.ask("SLOWLOG", "LEN").text()).isEqualTo("3");
        List<Frame> newest = client.ask("SLOWLOG", "GET", "1").items();
        assertThat(newest).hasSize(1);
        assertThat(client.ask("SLOWLOG", "GET", "100").items()).hasSize(3);
        List<Long> ids = client.ask("SLOWLOG", "GET", "-1").items().stream()
                .map(entry -> Long.parseLong(entry.items().getFirst().text())).toList();
        assertThat(ids).isSortedAccordingTo((a, b) -> Long.compare(b, a)).doesNotHaveDuplicates();
    }

    @Test
    void negativeTurnsItOff() {
        client.configure("slowlog-log-slower-than", "-1");
        client.ask("SLOWLOG", "RESET");
        client.ask("DEBUG", "SLEEP", "0.02");
        assertThat(client.ask("SLOWLOG", "LEN").text()).isEqualTo("0");
    }

    @Test
    void aTransactionIsLoggedByItsCommands() {
        logEverything();
        client.ask("MULTI");
        client.ask("SET", "a", "1");
        client.ask("EXEC");
        assertThat(logged()).containsExactly(List.of("SET", "a", "1"), List.of("MULTI"));
    }

    @Test
    void slowCommandsAreEventsOfLatency() {
        client.configure("latency-monitor-threshold", "60000");
        client.ask("DEBUG", "SLEEP", "0.12");
        assertThat(client.ask("LATENCY", "LATEST").items()).isEmpty();
        client.configure("latency-monitor-threshold", "100");
        client.ask("DEBUG", "SLEEP", "0.12");
        client.configure("latency-monitor-threshold", "60000");
        // on a busy machine anything may have been slow
        List<Frame> event = client.ask("LATENCY", "LATEST").items().stream().map(Frame::items)
                .filter(each -> each.get(0).text().equals("command")).findFirst().orElseThrow();
        assertThat(Long.parseLong(event.get(3).text())).isBetween(120L, 30_000L);
        List<Frame> history = client.ask("LATENCY", "HISTORY", "command").items();
        assertThat(history.getLast().items()).containsExactly(event.get(1), event.get(2));
        assertThat(client.ask("LATENCY", "GRAPH", "command").text()).startsWith("command - high ")
                .contains(" (all time high ");
        assertThat(client.ask("LATENCY", "DOCTOR").text()).containsPattern("1\\. command: \\d+ latency spikes");
        assertThat(client.ask("LATENCY", "RESET", "command", "nosuch").text()).isEqualTo("1");
        assertThat(client.ask("LATENCY", "LATEST").items()).isEmpty();
    }
}
