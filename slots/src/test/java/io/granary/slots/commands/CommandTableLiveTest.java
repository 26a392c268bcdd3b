package io.granary.slots.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.resp.Frame;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.SlotCall;
import io.granary.slots.commands.CommandComparison.Difference;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares what our table tells of the commands with what a redis-server tells. */
class CommandTableLiveTest {

    /** Where the table follows Redis 7.4, or means to differ: the fact and why, when the server is 7.0. */
    private static final Map<String, String> DOCUMENTED = Map.ofEntries(
            Map.entry("command|getkeys, arity", "7.4 takes a command without arguments"),
            Map.entry("command|getkeysandflags, arity", "7.4 takes a command without arguments"),
            Map.entry("command|getkeys, arguments", "described since 7.2"),
            Map.entry("command|getkeysandflags, arguments", "described since 7.2"));

    private static RedisProcess redis;

    private final AtomicReference<CommandTable<SlotCall>> table = new AtomicReference<>();

    CommandTableLiveTest() {
        table.set(new CommandTable<>(List.of(CommandCommands.rows(table::get))));
    }

    @BeforeAll
    static void startRedis() throws IOException {
        assumeTrue(RedisProcess.installed(), RedisProcess.WHY_SKIPPED);
        redis = new RedisProcess();
    }

    @AfterAll
    static void stopRedis() throws IOException {
        if (redis != null) {
            redis.close();
        }
    }

    @Test
    void theTableIsThatOfRedis() {
        assertSame(CommandComparison::ofInfo, "command");
    }

    @Test
    void theArgumentsAreThoseOfRedis() {
        assertSame(CommandComparison::ofDocs, "command", "docs");
    }

    private void assertSame(BiFunction<Frame, Frame, List<Difference>> comparison, String... command) {
        try (CommandRunner ours = new CommandRunner(table.get())) {
            TreeSet<String> unexplained = new TreeSet<>();
            for (Difference difference : comparison.apply(ours.ask(command), redis.ask(command))) {
                if (!DOCUMENTED.containsKey(difference.command() + ", " + difference.fact())) {
                    unexplained.add(difference.toString());
                }
            }
            assertEquals("", String.join("\n", unexplained));
        }
    }

    @Test
    void errorsOfTheTableAreThoseOfRedis() {
        String longWord = "x".repeat(200);
        try (CommandRunner ours = new CommandRunner(table.get())) {
            for (List<String> line : List.of(List.of("nosuch"), List.of("nosuch", "a", "b"), List.of("no\r\nsuch", "a\nb"),
                    List.of(longWord, "a"), List.of("nosuch", longWord, "b"), List.of("nosuch", "a".repeat(100), longWord, "b"),
                    List.of("nosuch", "a".repeat(125), "bc", "d"), List.of("command", "nosuch"), List.of("Command", longWord, "a"),
                    List.of("command", "a\0b"), List.of("command", "count", "more"), List.of("command", "list", "more"))) {
                String[] words = line.toArray(String[]::new);
                assertEquals(redis.ask(words), ours.ask(words), line.toString());
            }
        }
    }
}
