package io.granary.slots.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.granary.resp.Frame;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.Group;
import io.granary.slots.command.KeyFlag;
import io.granary.slots.command.KeySpec;
import io.granary.slots.command.SlotCall;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandCommandsTest {

    private static final List<Command<SlotCall>> ROWS = Command.family(Group.STRING,
            row("GETSET", "key value").doc("1.0.0", "O(1)", "Sets and gets.").history("6.2.0", "Old.")
                    .deprecated("6.2.0", "`SET`").flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
                    .keys(KeyFlag.RW, KeyFlag.ACCESS).tips("a_tip"),
            row("MSET", "key value [key value ...]").keys(KeyFlag.OW, KeyFlag.UPDATE),
            row("ZUNIONSTORE", "destination numkeys key [key ...]").keys(KeyFlag.OW).keys(KeyFlag.RO),
            row("EVAL", "script numkeys [key [key ...]]").flags(CommandFlag.NO_MANDATORY_KEYS)
                    .keySpec(new KeySpec(KeyFlag.RW.bit(), "the worst", new KeySpec.Index(2),
                            new KeySpec.KeyCount(0, 1, 1))),
            row("SPUBLISH", "shardchannel message").keySpec(KeySpec.range(1, 0, 1, KeyFlag.NOT_KEY)),
            row("PING", "[message]"));

    private final AtomicReference<CommandTable<SlotCall>> table = new AtomicReference<>();
    private final CommandRunner runner;

    CommandCommandsTest() {
        table.set(new CommandTable<>(List.of(ROWS, CommandCommands.rows(table::get))));
        runner = new CommandRunner(table.get());
    }

    private static Command<SlotCall> row(String name, String synopsis) {
        return Command.of(name, synopsis, (SlotCall _) -> { });
    }

    @AfterEach
    void close() {
        runner.close();
    }

    private String ask(String line) {
        return show(runner.ask(line.split(" ")));
    }

    private static String show(Frame frame) {
        return switch (frame) {
            case Frame.Null _ -> "nil";
            case Frame.Array array -> array.items().stream().map(CommandCommandsTest::show).toList().toString();
            default -> frame.text();
        };
    }

    @Test
    void infoHasTenElements() {
        assertEquals("[[getset, 3, [write, denyoom, fast], 1, 1, 1, [@write, @string, @fast], [a_tip], "
                + "[[flags, [RW, access], begin_search, [type, index, spec, [index, 1]], find_keys, "
                + "[type, range, spec, [lastkey, 0, keystep, 1, limit, 0]]]], []]]", ask("command info GETSET"));
    }

    @Test
    void infoOfMovableKeysTellsSo() {
        assertEquals("[[eval, -3, [no_mandatory_keys, movablekeys], 0, 0, 0, [@string, @slow], [], "
                + "[[notes, the worst, flags, [RW], begin_search, [type, index, spec, [index, 2]], find_keys, "
                + "[type, keynum, spec, [keynumidx, 0, firstkey, 1, keystep, 1]]]], []]]", ask("command info eval"));
    }

    @Test
    void infoOfAnUnknownCommandIsNull() {
        assertEquals("[nil, nil]", ask("command info nosuch command|nosuch"));
        List<Frame> row = runner.ask("command", "info", "COMMAND|Count").items().getFirst().items();
        assertEquals("command|count", row.getFirst().text());
    }

    @Test
    void aContainerShowsItsSubcommands() {
        List<Frame> row = runner.ask("command", "info", "command").items().getFirst().items();
        assertEquals(List.of("command|count", "command|docs", "command|getkeys", "command|getkeysandflags", "command|help",
                        "command|info", "command|list"),
                row.get(9).items().stream().map(sub -> sub.items().getFirst().text()).toList());
    }

    @Test
    void commandsAreCountedAndShownWithoutSubcommands() {
        assertEquals("7", ask("command count"));
        assertEquals(7, runner.ask("command").items().size());
        assertEquals(7, runner.ask("command", "info").items().size());
        assertEquals(14, runner.ask("command", "docs").items().size());
    }

    @Test
    void docsTellTheArguments() {
        assertEquals("[getset, [summary, Sets and gets., since, 1.0.0, group, string, complexity, O(1), "
                + "doc_flags, [deprecated], deprecated_since, 6.2.0, replaced_by, `SET`, history, [[6.2.0, Old.]], "
                + "arguments, [[name, key, type, key, display_text, key, key_spec_index, 0], "
                + "[name, value, type, string, display_text, value]]]]", ask("command docs getset nosuch"));
        assertEquals("[]", ask("command docs nosuch"));
    }

    @Test
    void docsTellOptionsAndAlternatives() {
        assertEquals("[name, filterby, type, oneof, token, FILTERBY, flags, [optional], arguments, ["
                + "[name, module-name, type, string, display_text, module-name, token, MODULE], "
                + "[name, category, type, string, display_text, category, token, ACLCAT], "
                + "[name, pattern, type, pattern, display_text, pattern, token, PATTERN]]]",
                show(runner.ask("command", "docs", "command|list").items().get(1).items().getLast().items().getFirst()));
    }

    @Test
    void resp3HasSetsAndMaps() {
        List<Frame> row = runner.resp3().ask("command", "info", "getset").items().getFirst().items();
        assertInstanceOf(Frame.SimpleString.class, assertInstanceOf(Frame.SetFrame.class, row.get(2)).items().getFirst());
        assertInstanceOf(Frame.SetFrame.class, row.get(7));
        assertInstanceOf(Frame.MapFrame.class, assertInstanceOf(Frame.SetFrame.class, row.get(8)).items().getFirst());
        assertInstanceOf(Frame.MapFrame.class, runner.ask("command", "docs", "getset"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "command getkeys mset a 1 b 2; [a, b]",
        "command getkeys zunionstore d 2 a b; [d, a, b]",
        "command getkeys zunionstore d 3 a b; ERR Invalid arguments specified for command",
        "command getkeys eval script 0; []",
        "command getkeys eval script x; []",
        "command getkeys spublish channel message; ERR The command has no key arguments",
        "command getkeys ping; ERR The command has no key arguments",
        "command getkeys nosuch key; ERR Invalid command specified",
        "command getkeys getset key; ERR Invalid number of arguments specified for command",
        "command getkeysandflags getset a b; [[a, [RW, access]]]",
        "command getkeys; ERR wrong number of arguments for 'command|getkeys' command",
        "command nosuch; ERR unknown subcommand 'nosuch'. Try COMMAND HELP.",
        "command list filterby pattern *COUNT; [command|count]",
        "command list filterby aclcat Fast; [getset]",
        "command list filterby aclcat nosuch; []",
        "command list filterby module json; []",
        "command list filterby pattern; ERR syntax error",
        "command list filterby nosuch x; ERR syntax error",
        "command list everything; ERR syntax error",
    })
    void keysAndNamesAreTold(String line, String answer) {
        assertEquals(answer, ask(line));
    }

    @Test
    void helpHasItsHeadingAndItsFoot() {
        List<String> lines = runner.ask("Command", "help").items().stream().map(Frame::text).toList();
        assertEquals("COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", lines.getFirst());
        assertEquals("(no subcommand)", lines.get(1));
        assertEquals(List.of("HELP", "    Print this help."), lines.subList(lines.size() - 2, lines.size()));
    }
}
