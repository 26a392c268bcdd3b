package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever arguments a command is given, it answers: no fault of ours ends a connection. */
class AnyArgumentsTest {

    private static final int REQUESTS = 4_000;

    /** Commands that end or silence a connection or the node, or that wait. */
    private static final Set<String> LEFT_OUT = Set.of("shutdown", "quit", "monitor", "debug", "client|pause",
            "client|reply", "client|kill", "reset", "config|set", "config|rewrite", "auth", "hello",
            "sync", "psync", "replconf", "wait");

    private static final List<String> WORDS = List.of("", "k", "{k}1", "{k}2", "0", "1", "2", "-1", "10", "16384",
            "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e400", "nan", "3.5", "*", "[", "k*",
            "\\", "{k}*", "get", "GET", "EX", "PX", "XX", "NX", "KEEPTTL", "MATCH", "COUNT", "TYPE", "string", "LEN", "IDX",
            "MINMATCHLEN", "WITHMATCHLEN", "REPLACE", "DB", "ID", "ON", "OFF", "YES", "NO", "WRITE", "USAGE", "SAMPLES", "maxmemory",
            "encoding", "freq", "FILTERBY",
            "ACLCAT", "PATTERN", "MODULE", "127.0.0.1", "127.0.0.1:1", "IMPORTING", "STABLE", "NODE", "a".repeat(40), "HARD",
            "\0", "\u00ff\u00fe", "\r\n", "x".repeat(300), "x".repeat(70_000));

    private static List<String> commands(Wire wire) {
        List<String> names = new ArrayList<>();
        for (Frame row : ((Frame.Array) wire.request("COMMAND").frame()).items()) {
            List<Frame> columns = ((Frame.Array) row).items();
            names.add(columns.getFirst().text());
            for (Frame sub : ((Frame.Array) columns.get(9)).items()) {
                names.add(((Frame.Array) sub).items().getFirst().text());
            }
        }
        names.removeAll(LEFT_OUT);
        return names;
    }

    @ParameterizedTest
    @CsvSource({"1, no", "2, yes"})
    void anyArgumentsAreAnswered(long seed, String clustered) {
        Random random = new Random(seed);
        try (TestNode node = TestNode.start("--cluster-enabled", clustered); Wire wire = Wire.to(node)) {
            if (clustered.equals("yes")) {
                wire.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            }
            List<String> commands = commands(wire);
            for (int i = 0; i < REQUESTS; i++) {
                List<String> request = new ArrayList<>(List.of(commands.get(random.nextInt(commands.size())).split("\\|")));
                for (int left = random.nextInt(6); left > 0; left--) {
                    request.add(WORDS.get(random.nextInt(WORDS.size())));
                }
                try {
                    wire.request(request.toArray(String[]::new)).frame();
                } catch (java.io.UncheckedIOException e) {
                    throw new AssertionError("seed " + seed + ": " + request + "\n" + node.log(), e);
                }
            }
            assertThat(node.log()).as("seed " + seed).doesNotContain("internal error");
        }
    }
}
