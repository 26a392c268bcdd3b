package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What MONITOR shows of the commands of others. */
@ParameterizedClass(name = "{0}")
@EnumSource
class MonitorTest extends OnEitherServer {

    private static final String END = "\"ECHO\" \"the end\"";

    /** What a monitor shows of a client's requests, one text each, words parted by bars; without time and address. */
    private List<String> shown(String... requests) {
        try (Wire monitor = Wire.to(server); Wire client = Wire.to(server)) {
            assertThat(monitor.ask("MONITOR")).isEqualTo("OK");
            for (String request : requests) {
                client.ask(request.split("\\|"));
            }
            client.ask("ECHO", "the end");
            List<String> lines = new ArrayList<>();
            while (true) {
                String line = monitor.reply();
                String start = "\\d{10}\\.\\d{6} \\[\\d+ " + client.localAddress() + "\\] ";
                assertThat(line).matches(start + ".*");
                String rest = line.replaceFirst("^\\S+ \\[(\\d+) \\S+\\] ", "$1: ");
                if (rest.endsWith(END)) {
                    return lines;
                }
                lines.add(rest);
            }
        }
    }

    @Test
    void requestsAreShownWithDatabaseAndQuotes() {
        assertThat(shown("SET|a|1", "get|a", "SELECT|3", "SET|b|two words", "ECHO|q\"\\\n\r\t\u0007\b\u0000\u00ff"))
                .containsExactly(
                        "0: \"SET\" \"a\" \"1\"", "0: \"get\" \"a\"", "3: \"SELECT\" \"3\"",
                        "3: \"SET\" \"b\" \"two words\"",
                        "3: \"ECHO\" \"q\\\"\\\\\\n\\r\\t\\a\\b\\x00\\xff\"");
    }

    @Test
    void whatWasNotRunIsNotShown() {
        assertThat(shown("NOSUCH|a", "GET", "GET|a|b", "CONFIG|GET|maxmemory", "SLOWLOG|LEN", "DEBUG|SLEEP|0")).isEmpty();
    }

    @Test
    void commandsThatFailAreShown() {
        assertThat(shown("SET|text|x", "INCR|text", "SET|a|1|EX|0")).containsExactly(
                "0: \"SET\" \"text\" \"x\"", "0: \"INCR\" \"text\"", "0: \"SET\" \"a\" \"1\" \"EX\" \"0\"");
    }

    @Test
    void passwordsAreNotShown() {
        assertThat(shown(
                "AUTH|secret", "AUTH|default|secret", "HELLO|2|AUTH|default|secret|SETNAME|me", "HELLO|2|SETNAME|AUTH"))
                .containsExactly(
                        "0: \"AUTH\" \"(redacted)\"", "0: \"AUTH\" \"(redacted)\" \"(redacted)\"",
                        "0: \"HELLO\" \"2\" \"AUTH\" \"(redacted)\" \"(redacted)\" \"SETNAME\" \"me\"",
                        "0: \"HELLO\" \"2\" \"SETNAME\" \"AUTH\"");
    }

    @Test
    void aTransactionIsShownWhenItRuns() {
        assertThat(shown("WATCH|w", "MULTI", "SET|a|1", "SELECT|2", "GET|a", "EXEC", "MULTI", "SET|a|1", "DISCARD"))
                .containsExactly(
                        "0: \"WATCH\" \"w\"", "0: \"MULTI\"", "0: \"SET\" \"a\" \"1\"", "2: \"SELECT\" \"2\"",
                        "2: \"GET\" \"a\"", "2: \"EXEC\"", "2: \"MULTI\"", "2: \"DISCARD\"");
    }

    @Test
    void aMonitorMayAskToo() {
        try (Wire monitor = Wire.to(server)) {
            assertThat(monitor.ask("MONITOR")).isEqualTo("OK");
            monitor.request("PING");
            List<String> lines = List.of(monitor.reply(), monitor.reply());
            assertThat(lines).contains("PONG").anyMatch(line -> line.endsWith("\"PING\""));
            assertThat(monitor.ask("RESET")).endsWith("RESET");
            try (Wire other = Wire.to(server)) {
                other.ask("PING");
            }
            assertThat(monitor.ask("ECHO", "no more")).isEqualTo("\"no more\"");
        }
    }

    @Test
    void everyMonitorSeesEverything() {
        try (Wire one = Wire.to(server); Wire two = Wire.to(server); Wire client = Wire.to(server)) {
            one.ask("MONITOR");
            two.ask("MONITOR");
            client.ask("PING");
            assertThat(one.reply()).endsWith("\"PING\"");
            assertThat(two.reply()).endsWith("\"PING\"");
            assertThat(client.ask("CLIENT", "LIST")).contains(" flags=O ");
        }
    }
}
