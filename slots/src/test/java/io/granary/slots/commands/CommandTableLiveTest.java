package io.granary.slots.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.resp.Frame;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.SlotCall;
import io.granary.slots.commands.CommandComparison.Difference;
import io.granary.slots.transcript.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares what our table tells of the commands with what a redis-server tells. */
class CommandTableLiveTest {

    private static RedisServer redis;

    private final AtomicReference<CommandTable<SlotCall>> table = new AtomicReference<>();

    CommandTableLiveTest() {
        List<List<Command<SlotCall>>> families = new ArrayList<>(SlotCommands.FAMILIES);
        families.add(CommandCommands.rows(table::get));
        table.set(new CommandTable<>(families));
    }

    @BeforeAll
    static void startRedis() {
        assumeTrue(RedisServer.isInstalled(), RedisServer.WHY_SKIPPED);
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
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
                if (!DocumentedDifferences.include(difference)) {
                    unexplained.add(difference.toString());
                }
            }
            assertEquals("", String.join("\n", unexplained));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"set k v", "set k v ex 10 get", "mset a 1 b 2", "mset a 1 b", "get k", "get k l", "lcs a b",
        "del a b c", "copy a b", "rename a b", "object encoding k", "object help", "object nosuch k", "getex k persist",
        "exists a", "command count"})
    void keysAreThoseThatRedisFinds(String line) {
        try (CommandRunner ours = new CommandRunner(table.get())) {
            for (String subcommand : List.of("getkeys ", "getkeysandflags ")) {
                String[] words = ("command " + subcommand + line).split(" ");
                assertEquals(redis.ask(words), ours.ask(words));
            }
        }
    }

    @Test
    void errorsOfTheTableAreThoseOfRedis() {
        String longWord = "x".repeat(200);
        try (CommandRunner ours = new CommandRunner(table.get())) {
            for (List<String> line : List.of(List.of("nosuch"), List.of("nosuch", "a", "b"), List.of("no\r\nsuch", "a\nb"),
                    List.of(longWord, "a"), List.of("nosuch", longWord, "b"),
                    List.of("nosuch", "a".repeat(100), longWord, "b"), List.of("nosuch", "a".repeat(125), "bc", "d"),
                    List.of("command", "nosuch"), List.of("Command", longWord, "a"),
                    List.of("command", "a\0b"), List.of("command", "count", "more"), List.of("command", "list", "more"))) {
                String[] words = line.toArray(String[]::new);
                assertEquals(redis.ask(words), ours.ask(words), line.toString());
            }
        }
    }
}
