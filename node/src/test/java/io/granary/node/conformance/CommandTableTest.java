package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import io.granary.slots.command.CommandReference;
import io.granary.slots.commands.CommandComparison;
import io.granary.slots.commands.CommandComparison.Difference;
import io.granary.slots.commands.DocumentedDifferences;
import io.granary.slots.transcript.Connection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a whole node tells of its commands, beside what redis-server tells, and the page that is made of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandTableTest {

    private TestNode node;

    @BeforeAll
    void start() {
        node = TestNode.start();
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private void assertSame(BiFunction<Frame, Frame, List<Difference>> comparison, String... request) {
        try (LiveServer redis = LiveServer.Kind.REDIS.start(); Connection theirs = redis.connect();
                Connection ours = node.connect()) {
            TreeSet<String> unexplained = new TreeSet<>();
            for (Difference difference : comparison.apply(ours.ask(request), theirs.ask(request))) {
                if (!DocumentedDifferences.include(difference)) {
                    unexplained.add(difference.toString());
                }
            }
            assertThat(String.join("\n", unexplained)).isEmpty();
        }
    }

    @Test
    void theTableIsThatOfRedis() {
        assertSame(CommandComparison::ofInfo, "COMMAND");
    }

    @Test
    void theArgumentsAreThoseOfRedis() {
        assertSame(CommandComparison::ofDocs, "COMMAND", "DOCS");
    }

    @Test
    void everyRowHasTenElements() {
        try (Connection ours = node.connect()) {
            List<Frame> rows = ours.ask("COMMAND").items();
            assertThat(rows).hasSize(Integer.parseInt(ours.ask("COMMAND", "COUNT").text()))
                    .allSatisfy(row -> assertThat(row.items()).hasSize(10));
            for (Frame row : rows) {
                String name = row.items().getFirst().text();
                assertThat(ours.ask("COMMAND", "INFO", name.toUpperCase()).items()).containsExactly(row);
            }
        }
    }

    /** Run with {@code -Dgranary.write-docs=true} to write the page anew. */
    @Test
    void theReferenceIsWrittenFromTheTable() throws IOException {
        Path page = Path.of("..", "docs", "commands.md");
        String text = CommandReference.markdown(node.node().table());
        if (Boolean.getBoolean("granary.write-docs")) {
            Files.writeString(page, text);
        }
        assertThat(Files.readString(page)).isEqualTo(text);
    }
}
