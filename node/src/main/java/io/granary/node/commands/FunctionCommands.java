package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ALLOW_BUSY;
import static io.granary.slots.command.CommandFlag.DENYOOM;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.STALE;
import static io.granary.slots.command.CommandFlag.WRITE;

import io.granary.persistence.rdb.DumpPayload;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import io.granary.slots.command.SlotCall;
import java.util.List;
import java.util.stream.Stream;

/**
 * FUNCTION on a server that has no libraries of functions and takes none: tools ask every node of a cluster for them before
 * they let another one join.
 */
public final class FunctionCommands {

    private static final HelpText HELP = new HelpText(
            "LOAD [REPLACE] <FUNCTION CODE>",
            "    Create a new library with the given library name and code.",
            "DELETE <LIBRARY NAME>",
            "    Delete the given library.",
            "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
            "    Return general information on all the libraries:",
            "    * Library name",
            "    * The engine used to run the Library",
            "    * Library description",
            "    * Functions list",
            "    * Library code (if WITHCODE is given)",
            "    It also possible to get only function that matches a pattern using LIBRARYNAME argument.",
            "STATS",
            "    Return information about the current function running:",
            "    * Function name",
            "    * Command used to run the function",
            "    * Duration in MS that the function is running",
            "    If no function is running, return nil",
            "    In addition, returns a list of available engines.",
            "KILL",
            "    Kill the current running function.",
            "FLUSH [ASYNC|SYNC]",
            "    Delete all the libraries.",
            "    When called without the optional mode argument, the behavior is determined by the",
            "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
            "    * ASYNC: Asynchronously flush the libraries.",
            "    * SYNC: Synchronously flush the libraries.",
            "DUMP",
            "    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command",
            "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
            "    Restore the libraries represented by the given payload, it is possible to give a restore policy to",
            "    control how to handle existing libraries (default APPEND):",
            "    * FLUSH: delete all existing libraries.",
            "    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.",
            "    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old",
            "      libraries with the new libraries (notice that even on this option there is a chance of failure",
            "      in case of functions name collision with another library).");

    private static final CommandException NO_ENGINE = Errors.err("Engine 'LUA' not found");
    private static final CommandException NO_METADATA = Errors.err("Missing library metadata");
    private static final String[] ON_ALL_SHARDS = {"request_policy:all_shards", "response_policy:all_succeeded"};

    public static final List<Command<SlotCall>> TABLE = Command.family(Group.SCRIPTING,
            Command.<SlotCall>container("FUNCTION")
                    .doc("7.0.0", "Depends on subcommand.", "A container for function commands."),
            Command.of("FUNCTION DELETE", "library-name", FunctionCommands::delete)
                    .doc("7.0.0", "O(1)", "Deletes a library and its functions.")
                    .flags(WRITE, NOSCRIPT)
                    .tips(ON_ALL_SHARDS),
            Command.of("FUNCTION DUMP", "", (SlotCall call) -> call.reply().bulk(DumpPayload.ofNoFunctions()))
                    .doc("7.0.0", "O(N) where N is the number of functions",
                            "Returns all libraries as a serialized binary payload.")
                    .flags(NOSCRIPT),
            Command.of("FUNCTION FLUSH", "[ASYNC | SYNC]", FunctionCommands::flush)
                    .doc("7.0.0", "O(N) where N is the number of functions deleted", "Deletes all libraries and functions.")
                    .flags(WRITE, NOSCRIPT)
                    .arity(-2)
                    .tips(ON_ALL_SHARDS),
            Command.of("FUNCTION HELP", "", (SlotCall call) -> HELP.write(call.request(), call.reply()))
                    .doc("7.0.0", "O(1)", "Returns helpful text about the different subcommands.")
                    .flags(LOADING, STALE),
            Command.of("FUNCTION KILL", "", FunctionCommands::kill)
                    .doc("7.0.0", "O(1)", "Terminates a function during execution.")
                    .flags(NOSCRIPT, ALLOW_BUSY)
                    .tips("request_policy:all_shards", "response_policy:one_succeeded"),
            Command.of("FUNCTION LIST", "[LIBRARYNAME library-name-pattern] [WITHCODE]", FunctionCommands::list)
                    .doc("7.0.0", "O(N) where N is the number of functions", "Returns information about all libraries.")
                    .flags(NOSCRIPT)
                    .tips("nondeterministic_output_order"),
            Command.of("FUNCTION LOAD", "[REPLACE] function-code", FunctionCommands::load)
                    .doc("7.0.0", "O(1) (considering compilation time is redundant)", "Creates a library.")
                    .flags(WRITE, DENYOOM, NOSCRIPT)
                    .tips(ON_ALL_SHARDS),
            Command.of("FUNCTION RESTORE", "serialized-value [FLUSH | APPEND | REPLACE]", FunctionCommands::restore)
                    .doc("7.0.0", "O(N) where N is the number of functions on the payload",
                            "Restores all libraries from a payload.")
                    .flags(WRITE, DENYOOM, NOSCRIPT)
                    .arity(-3)
                    .tips(ON_ALL_SHARDS),
            Command.of("FUNCTION STATS", "", FunctionCommands::stats)
                    .doc("7.0.0", "O(1)", "Returns information about a function during execution.")
                    .flags(NOSCRIPT, ALLOW_BUSY)
                    .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special"));

    private FunctionCommands() {}

    private static void delete(SlotCall call) {
        throw Errors.err("Library not found");
    }

    private static void flush(SlotCall call) {
        if (call.argc() > 3) {
            throw Errors.subcommandSyntax(call.request());
        }
        if (call.argc() == 3 && !call.is(2, "SYNC") && !call.is(2, "ASYNC")) {
            throw Errors.err("FUNCTION FLUSH only supports SYNC|ASYNC option");
        }
        call.reply().ok();
    }

    private static void kill(SlotCall call) {
        throw new CommandException("NOTBUSY No scripts in execution right now.");
    }

    private static void list(SlotCall call) {
        boolean named = false;
        boolean withCode = false;
        for (int i = 2; i < call.argc(); i++) {
            if (!withCode && call.is(i, "WITHCODE")) {
                withCode = true;
            } else if (!named && call.is(i, "LIBRARYNAME")) {
                if (++i == call.argc()) {
                    throw Errors.err("library name argument was not given");
                }
                named = true;
            } else {
                throw Errors.err("Unknown argument " + call.request().toText(i));
            }
        }
        call.reply().array(0);
    }

    private static void load(SlotCall call) {
        int code = call.argc() - 1;
        for (int i = 2; i < code; i++) {
            if (!call.is(i, "REPLACE")) {
                throw Errors.err("Unknown option given: " + call.request().toText(i));
            }
        }
        throw call.request().toText(code, 2).equals("#!") ? NO_ENGINE : NO_METADATA;
    }

    private static void restore(SlotCall call) {
        if (call.argc() > 4) {
            throw Errors.subcommandSyntax(call.request());
        }
        if (call.argc() == 4 && Stream.of("FLUSH", "APPEND", "REPLACE").noneMatch(policy -> call.is(3, policy))) {
            throw Errors.err("Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");
        }
        Request request = call.request();
        if (!DumpPayload.isIntact(request.bytes(), request.offset(2), request.length(2))) {
            throw Errors.err("DUMP payload version or checksum are wrong");
        }
        if (request.length(2) > DumpPayload.ofNoFunctions().length) {
            throw NO_ENGINE;
        }
        call.reply().ok();
    }

    private static void stats(SlotCall call) {
        ReplyWriter reply = call.reply();
        reply.map(2);
        reply.bulk("running_script");
        reply.nullBulk();
        reply.bulk("engines");
        reply.map(1);
        reply.bulk("LUA");
        reply.map(2);
        reply.bulk("libraries_count");
        reply.integer(0);
        reply.bulk("functions_count");
        reply.integer(0);
    }
}
