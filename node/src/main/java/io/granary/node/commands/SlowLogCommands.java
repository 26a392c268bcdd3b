package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.dispatch.NodeCall;
import io.granary.node.metrics.SlowLog;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import java.util.List;

/** SLOWLOG: the calls that took long. */
public final class SlowLogCommands {

    private static final HelpText HELP = new HelpText(
            "GET [<count>]",
            "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
            "    Entries are made of:",
            "    id, timestamp, time in microseconds, arguments array, client IP and port,",
            "    client name",
            "LEN",
            "    Return the length of the slowlog.",
            "RESET",
            "    Reset the slowlog.");

    private static final long DEFAULT_COUNT = 10;

    private final SlowLog slowLog;

    public SlowLogCommands(SlowLog slowLog) {
        this.slowLog = slowLog;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.SERVER,
                Command.<NodeCall>container("SLOWLOG")
                        .doc("2.2.12", "Depends on subcommand.", "A container for slow log commands."),
                Command.of("SLOWLOG GET", "[count]", this::get)
                        .doc("2.2.12", "O(N) where N is the number of entries returned", "Returns the slow log's entries.")
                        .flags(ADMIN, LOADING, STALE)
                        .tips("request_policy:all_nodes", "nondeterministic_output")
                        .history("4.0.0", "Added client IP address, port and name to the reply."),
                Command.of("SLOWLOG HELP", "", (NodeCall call) -> HELP.write(call.request(), call.reply()))
                        .doc("6.2.0", "O(1)", "Show helpful text about the different subcommands")
                        .flags(LOADING, STALE),
                Command.of("SLOWLOG LEN", "", (NodeCall call) -> call.reply().integer(slowLog.size()))
                        .doc("2.2.12", "O(1)", "Returns the number of entries in the slow log.")
                        .flags(ADMIN, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"),
                Command.of("SLOWLOG RESET", "", this::reset)
                        .doc("2.2.12", "O(N) where N is the number of entries in the slowlog",
                                "Clears all entries from the slow log.")
                        .flags(ADMIN, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded"));
    }

    private void reset(NodeCall call) {
        slowLog.clear();
        call.reply().ok();
    }

    private void get(NodeCall call) {
        if (call.argc() > 3) {
            throw Errors.subcommandSyntax(call.request());
        }
        long count = call.argc() == 3 ? count(call) : DEFAULT_COUNT;
        List<SlowLog.Entry> entries = slowLog.newest(count);
        ReplyWriter reply = call.reply();
        reply.array(entries.size());
        for (SlowLog.Entry entry : entries) {
            reply.array(6);
            reply.integer(entry.id());
            reply.integer(entry.unixSeconds());
            reply.integer(entry.micros());
            reply.array(entry.arguments().size());
            entry.arguments().forEach(reply::bulk);
            reply.bulk(entry.address());
            reply.bulk(entry.clientName());
        }
    }

    private static long count(NodeCall call) {
        long count;
        try {
            count = call.integerArg(2);
        } catch (CommandException _) {
            count = -2;
        }
        if (count < -1) {
            throw Errors.err("count should be greater than or equal to -1");
        }
        return count;
    }
}
