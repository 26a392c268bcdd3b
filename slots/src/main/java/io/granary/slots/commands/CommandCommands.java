package io.granary.slots.commands;

import static io.granary.slots.command.AclCategory.CONNECTION;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.AclCategory;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Glob;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import io.granary.slots.command.KeyFlag;
import io.granary.slots.command.SlotCall;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** COMMAND and its subcommands: what a node tells of its command table. */
public final class CommandCommands {

    private static final String ORDER_OF_OUTPUT_VARIES = "nondeterministic_output_order";

    private static final HelpText HELP = new HelpText(
            "(no subcommand)",
            "    Return details about all Redis commands.",
            "COUNT",
            "    Return the total number of commands in this Redis server.",
            "LIST",
            "    Return a list of all commands in this Redis server.",
            "INFO [<command-name> ...]",
            "    Return details about multiple Redis commands.",
            "    If no command names are given, documentation details for all",
            "    commands are returned.",
            "DOCS [<command-name> ...]",
            "    Return documentation details about multiple Redis commands.",
            "    If no command names are given, documentation details for all",
            "    commands are returned.",
            "GETKEYS <full-command>",
            "    Return the keys from a full Redis command.",
            "GETKEYSANDFLAGS <full-command>",
            "    Return the keys and the access flags from a full Redis command.");

    private final Supplier<? extends CommandTable<?>> table;

    private CommandCommands(Supplier<? extends CommandTable<?>> table) {
        this.table = table;
    }

    /** The rows of COMMAND over the table that they become part of, which is asked for when a command runs. */
    public static List<Command<SlotCall>> rows(Supplier<? extends CommandTable<?>> table) {
        CommandCommands bodies = new CommandCommands(table);
        List<Command<SlotCall>> rows = List.of(
                Command.of("COMMAND", "", bodies::all)
                        .doc("2.8.13", "O(N), N commands", "Returns details of all commands.")
                        .arity(-1)
                        .tips(ORDER_OF_OUTPUT_VARIES),
                Command.of("COMMAND COUNT", "", bodies::count)
                        .doc("2.8.13", "O(1)", "Counts the commands."),
                Command.of("COMMAND DOCS", "[command-name [command-name ...]]", bodies::docs)
                        .doc("7.0.0", "O(N), N commands looked up", "Returns the documentation of some or all commands.")
                        .tips(ORDER_OF_OUTPUT_VARIES),
                Command.of("COMMAND GETKEYS", "command [arg [arg ...]]", bodies::keys)
                        .doc("2.8.13", "O(N), N arguments", "Extracts the keys of a whole command."),
                Command.of("COMMAND GETKEYSANDFLAGS", "command [arg [arg ...]]", bodies::keysAndFlags)
                        .doc("7.0.0", "O(N), N arguments", "Extracts the keys of a whole command and how it uses them."),
                Command.of("COMMAND HELP", "", CommandCommands::help)
                        .doc("5.0.0", "O(1)", "Tells of the subcommands."),
                Command.of("COMMAND INFO", "[command-name [command-name ...]]", bodies::info)
                        .doc("2.8.13", "O(N), N commands looked up", "Returns details of some or all commands.")
                        .history("7.0.0", "Without a name it tells of all commands.")
                        .tips(ORDER_OF_OUTPUT_VARIES),
                Command.of("COMMAND LIST", "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
                        bodies::list)
                        .doc("7.0.0", "O(N), N commands", "Lists the names of commands.")
                        .tips(ORDER_OF_OUTPUT_VARIES));
        return rows.stream().map(row -> row.group(Group.SERVER).flags(LOADING, STALE).categories(CONNECTION)).toList();
    }

    private static void help(SlotCall call) {
        HELP.write(call.request(), call.reply());
    }

    private void all(SlotCall call) {
        infoOfAll(call.reply());
    }

    private void infoOfAll(ReplyWriter reply) {
        List<? extends Command<?>> commands = table.get().commands();
        CommandInfoReply info = new CommandInfoReply(reply);
        reply.array(commands.size());
        commands.forEach(info::write);
    }

    private void count(SlotCall call) {
        call.reply().integer(table.get().commands().size());
    }

    private void info(SlotCall call) {
        ReplyWriter reply = call.reply();
        Request request = call.request();
        if (request.count() == 2) {
            infoOfAll(reply);
            return;
        }
        CommandInfoReply info = new CommandInfoReply(reply);
        reply.array(request.count() - 2L);
        for (int i = 2; i < request.count(); i++) {
            Command<?> command = table.get().find(request.toText(i));
            if (command == null) {
                reply.nullBulk();
            } else {
                info.write(command);
            }
        }
    }

    private void docs(SlotCall call) {
        Request request = call.request();
        List<Command<?>> commands = new ArrayList<>();
        if (request.count() == 2) {
            commands.addAll(table.get().commands());
        }
        for (int i = 2; i < request.count(); i++) {
            Command<?> command = table.get().find(request.toText(i));
            if (command != null) {
                commands.add(command);
            }
        }
        CommandDocsReply docs = new CommandDocsReply(call.reply());
        call.reply().map(commands.size());
        commands.forEach(docs::write);
    }

    private void keys(SlotCall call) {
        Request request = inner(call.request());
        List<KeyUse> keys = keysOf(request);
        call.reply().array(keys.size());
        keys.forEach(key -> bulk(call.reply(), request, key));
    }

    private void keysAndFlags(SlotCall call) {
        Request request = inner(call.request());
        List<KeyUse> keys = keysOf(request);
        CommandInfoReply info = new CommandInfoReply(call.reply());
        call.reply().array(keys.size());
        for (KeyUse key : keys) {
            call.reply().array(2);
            bulk(call.reply(), request, key);
            info.keyFlags(key.flags);
        }
    }

    private static void bulk(ReplyWriter reply, Request request, KeyUse key) {
        reply.bulk(request.bytes(), request.offset(key.argument), request.length(key.argument));
    }

    /** The request that stands behind the two words of this one. */
    private static Request inner(Request request) {
        Request inner = new Request();
        inner.begin(request.bytes());
        for (int i = 2; i < request.count(); i++) {
            inner.add(request.offset(i), request.length(i));
        }
        return inner;
    }

    private List<KeyUse> keysOf(Request request) {
        Command<?> command = table.get().find(request);
        if (command == null) {
            throw new CommandException("ERR Invalid command specified");
        }
        if (!command.keySpecs().any()) {
            throw new CommandException("ERR The command has no key arguments");
        }
        if (!command.accepts(request.count())) {
            throw new CommandException("ERR Invalid number of arguments specified for command");
        }
        List<KeyUse> keys = new ArrayList<>();
        command.keys(request, (argument, flags) -> {
            if ((flags & KeyFlag.NOT_KEY.bit()) == 0) {
                keys.add(new KeyUse(argument, flags));
            }
        });
        if (keys.isEmpty() && !command.is(CommandFlag.NO_MANDATORY_KEYS)) {
            throw new CommandException("ERR Invalid arguments specified for command");
        }
        return keys;
    }

    private record KeyUse(int argument, int flags) {
    }

    private void list(SlotCall call) {
        Predicate<Command<?>> filter = filter(call.request());
        List<String> names = table.get().all().stream().filter(filter).map(Command::fullName).toList();
        call.reply().array(names.size());
        names.forEach(call.reply()::bulk);
    }

    private static Predicate<Command<?>> filter(Request request) {
        if (request.count() == 2) {
            return _ -> true;
        }
        if (request.count() != 5 || !request.is(2, "FILTERBY")) {
            throw Errors.SYNTAX;
        }
        if (request.is(3, "MODULE")) {
            return _ -> false;
        }
        if (request.is(3, "ACLCAT")) {
            AclCategory category = AclCategory.named(request.toText(4));
            return command -> category != null && (command.categoryBits() & category.bit()) != 0;
        }
        if (request.is(3, "PATTERN")) {
            Glob glob = new Glob(request.toBytes(4), true);
            return command -> glob.matches(command.fullName());
        }
        throw Errors.SYNTAX;
    }
}
