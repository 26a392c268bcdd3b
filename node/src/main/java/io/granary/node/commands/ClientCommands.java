package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.client.BlockedClient;
import io.granary.node.client.ClientProfile;
import io.granary.node.client.ClientRegistry;
import io.granary.node.client.ClientSession;
import io.granary.node.client.ClientText;
import io.granary.node.client.ClientType;
import io.granary.node.client.ReplyMode;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.NodeCondition.PausePurpose;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** CLIENT: what clients say of themselves, who is connected, and what an operator does to them. */
public final class ClientCommands {

    private static final HelpText HELP = new HelpText(
            "GETREDIR",
            "    Return the client ID we are redirecting to when tracking is enabled.",
            "GETNAME",
            "    Return the name of the current connection.",
            "ID",
            "    Return the ID of the current connection.",
            "INFO",
            "    Return information about the current client connection.",
            "KILL <ip:port>",
            "    Kill connection made from <ip:port>.",
            "KILL <option> <value> [<option> <value> [...]]",
            "    Kill connections. Options are:",
            "    * ADDR (<ip:port>|<unixsocket>:0)",
            "      Kill connections made from the specified address",
            "    * LADDR (<ip:port>|<unixsocket>:0)",
            "      Kill connections made to specified local address",
            "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
            "      Kill connections by type.",
            "    * USER <username>",
            "      Kill connections authenticated by <username>.",
            "    * SKIPME (YES|NO)",
            "      Skip killing current connection (default: yes).",
            "    * ID <client-id>",
            "      Kill connections by client id.",
            "    * MAXAGE <maxage>",
            "      Kill connections older than the specified age.",
            "LIST [options ...]",
            "    Return information about client connections. Options:",
            "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
            "      Return clients of specified type.",
            "UNPAUSE",
            "    Stop the current client pause, resuming traffic.",
            "PAUSE <timeout> [WRITE|ALL]",
            "    Suspend all, or just write, clients for <timeout> milliseconds.",
            "REPLY (ON|OFF|SKIP)",
            "    Control the replies sent to the current connection.",
            "SETNAME <name>",
            "    Assign the name <name> to the current connection.",
            "SETINFO <option> <value>",
            "    Set client meta attr. Options are:",
            "    * LIB-NAME: the client lib name.",
            "    * LIB-VER: the client lib version.",
            "UNBLOCK <clientid> [TIMEOUT|ERROR]",
            "    Unblock the specified blocked client.",
            "NO-EVICT (ON|OFF)",
            "    Protect current client connection from eviction.",
            "NO-TOUCH (ON|OFF)",
            "    Will not touch LRU/LFU stats when this mode is on.");

    /** Names lie on the heap, for as long as their client is there; Redis leaves this open. */
    private static final int NAME_BYTES_MAX = 1024;
    /** Enough for a line of every client, though not for the same one again and again. */
    private static final int LIST_BYTES_MAX = 32 * 1024 * 1024;

    private final ClientRegistry registry;
    private final NodeCondition condition;

    public ClientCommands(ClientRegistry registry, NodeCondition condition) {
        this.registry = registry;
        this.condition = condition;
    }

    public List<Command<NodeCall>> table() {
        List<Command<NodeCall>> rows = new ArrayList<>(ownConnection());
        rows.addAll(allConnections());
        return rows;
    }

    private List<Command<NodeCall>> ownConnection() {
        return Command.family(Group.CONNECTION,
                Command.<NodeCall>container("CLIENT")
                        .doc("2.4.0", "Depends on subcommand.", "A container for client connection commands."),
                Command.of("CLIENT HELP", "", (NodeCall call) -> HELP.write(call.request(), call.reply()))
                        .doc("5.0.0", "O(1)", "Returns helpful text about the different subcommands.")
                        .flags(LOADING, STALE),
                Command.of("CLIENT GETNAME", "", ClientCommands::getName)
                        .doc("2.6.9", "O(1)", "Returns the name of the connection.")
                        .flags(NOSCRIPT, LOADING, STALE),
                Command.of("CLIENT GETREDIR", "", (NodeCall call) -> call.reply().integer(-1))
                        .doc("6.0.0", "O(1)", "Tells to which client this connection's invalidations are redirected.")
                        .flags(NOSCRIPT, LOADING, STALE),
                Command.of("CLIENT ID", "", (NodeCall call) -> call.reply().integer(call.session().id()))
                        .doc("5.0.0", "O(1)", "Returns the unique client ID of the connection.")
                        .flags(NOSCRIPT, LOADING, STALE),
                Command.of("CLIENT INFO", "", ClientCommands::info)
                        .doc("6.2.0", "O(1)", "Returns information about the connection.")
                        .flags(NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output"),
                Command.of("CLIENT NO-EVICT", "<ON | OFF>", ClientCommands::noEvict)
                        .doc("7.0.0", "O(1)", "Sets the client eviction mode of the connection.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE),
                Command.of("CLIENT NO-TOUCH", "<ON | OFF>", ClientCommands::noTouch)
                        .doc("7.2.0", "O(1)", "Sets whether this client's commands count as accesses for LRU and LFU.")
                        .flags(NOSCRIPT, LOADING, STALE),
                Command.of("CLIENT REPLY", "<ON | OFF | SKIP>", ClientCommands::replyMode)
                        .doc("3.2.0", "O(1)", "Instructs the server whether to reply to commands.")
                        .flags(NOSCRIPT, LOADING, STALE),
                Command.of("CLIENT SETINFO", "<LIB-NAME libname | LIB-VER libver>", ClientCommands::setInfo)
                        .doc("7.2.0", "O(1)", "Sets information specific to the client or connection.")
                        .flags(NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded"),
                Command.of("CLIENT SETNAME", "connection-name", ClientCommands::setName)
                        .doc("2.6.9", "O(1)", "Sets the connection name.")
                        .flags(NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded"));
    }

    private List<Command<NodeCall>> allConnections() {
        return Command.family(Group.CONNECTION,
                Command.of("CLIENT KILL",
                        "<ip:port | <[ID client-id] | [TYPE <NORMAL | MASTER | SLAVE | REPLICA | PUBSUB>] | [USER "
                                + "username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>] | [MAXAGE maxage]> ...>",
                        this::kill)
                        .doc("2.4.0", "O(N) where N is the number of client connections", "Terminates open connections.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .history("2.8.12", "Added new filter format.")
                        .history("2.8.12", "`ID` option.")
                        .history("3.2.0", "Added `master` type in for `TYPE` option.")
                        .history("5.0.0", "`TYPE` takes `replica`, and still `slave`.")
                        .history("6.2.0", "`LADDR` option.")
                        .history("7.4.0", "`MAXAGE` option."),
                Command.of("CLIENT LIST", "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
                        this::list)
                        .doc("2.4.0", "O(N) where N is the number of client connections", "Lists open connections.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("nondeterministic_output")
                        .history("2.8.12", "Added unique client `id` field.")
                        .history("5.0.0", "Added optional `TYPE` filter.")
                        .history("6.0.0", "Added `user` field.")
                        .history("6.2.0", "Added the fields `argv-mem`, `tot-mem`, `laddr`, `redir` and the filter `ID`.")
                        .history("7.0.0", "Added `resp`, `multi-mem`, `rbs` and `rbp` fields.")
                        .history("7.0.3", "Added `ssub` field."),
                Command.of("CLIENT PAUSE", "timeout:integer [WRITE | ALL]", this::pause)
                        .doc("3.0.0", "O(1)", "Suspends commands processing.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .history("6.2.0", "`CLIENT PAUSE WRITE` mode added along with the `mode` option."),
                Command.of("CLIENT UNBLOCK", "client-id [TIMEOUT | ERROR]", this::unblock)
                        .doc("5.0.0", "O(log N) where N is the number of client connections",
                                "Unblocks a client blocked by a blocking command from a different connection.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE),
                Command.of("CLIENT UNPAUSE", "", this::unpause)
                        .doc("6.2.0", "O(N) Where N is the number of paused clients",
                                "Resumes processing commands from paused clients.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE));
    }

    // ---- the caller's own connection ----

    private static void getName(NodeCall call) {
        String name = call.session().profile().name();
        if (name.isEmpty()) {
            call.reply().nullBulk();
        } else {
            call.reply().bulk(name);
        }
    }

    private static void setName(NodeCall call) {
        call.session().profile().name(clientName(call.request().toText(2)));
        call.reply().ok();
    }

    /** The name, if CLIENT LIST can show it. */
    static String clientName(String name) {
        if (!showable(name)) {
            throw Errors.err("Client names cannot contain spaces, newlines or special characters.");
        }
        return name;
    }

    private static boolean showable(String text) {
        return text.length() <= NAME_BYTES_MAX && text.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    private static void setInfo(NodeCall call) {
        String attribute = call.request().toText(2);
        boolean name = call.is(2, "LIB-NAME");
        if (!name && !call.is(2, "LIB-VER")) {
            throw Errors.err("Unrecognized option '" + attribute + "'");
        }
        String value = call.request().toText(3);
        if (!showable(value)) {
            throw Errors.err(attribute + " cannot contain spaces, newlines or special characters.");
        }
        ClientProfile profile = call.session().profile();
        if (name) {
            profile.libraryName(value);
        } else {
            profile.libraryVersion(value);
        }
        call.reply().ok();
    }

    private static void info(NodeCall call) {
        String line = ClientText.of(call.session(), call.nowMs()) + "\n";
        call.reply().verbatim("txt", line.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void noEvict(NodeCall call) {
        call.session().profile().noEvict(onOrOff(call, 2));
        call.reply().ok();
    }

    private static void noTouch(NodeCall call) {
        call.session().noTouch(onOrOff(call, 2));
        call.reply().ok();
    }

    private static boolean onOrOff(NodeCall call, int argument) {
        boolean on = call.is(argument, "ON");
        if (!on && !call.is(argument, "OFF")) {
            throw Errors.SYNTAX;
        }
        return on;
    }

    /** Says OK only to ON: whoever turns replies off gets none for that either. */
    private static void replyMode(NodeCall call) {
        ClientSession session = call.session();
        if (call.is(2, "ON")) {
            session.replyMode(ReplyMode.ON);
            call.reply().ok();
        } else if (call.is(2, "OFF")) {
            session.replyMode(ReplyMode.OFF);
        } else if (!call.is(2, "SKIP")) {
            throw Errors.SYNTAX;
        } else if (session.replyMode() != ReplyMode.OFF) {
            session.replyMode(ReplyMode.SKIP_NEXT);
        }
    }

    // ---- all connections ----

    private void list(NodeCall call) {
        StringBuilder lines = new StringBuilder();
        if (call.argc() > 3 && call.is(2, "ID")) {
            for (int i = 3; i < call.argc() && lines.length() < LIST_BYTES_MAX; i++) {
                ClientSession session = registry.find(clientId(call, i));
                if (session != null) {
                    lines.append(ClientText.of(session, call.nowMs())).append('\n');
                }
            }
        } else if (call.argc() == 2 || call.argc() == 4 && call.is(2, "TYPE")) {
            ClientType type = call.argc() == 2 ? null : clientType(call, 3);
            for (ClientSession session : registry.all()) {
                if (type == null || type == ClientType.of(session)) {
                    lines.append(ClientText.of(session, call.nowMs())).append('\n');
                }
            }
        } else {
            throw Errors.SYNTAX;
        }
        call.reply().verbatim("txt", lines.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static long clientId(NodeCall call, int argument) {
        try {
            return call.integerArg(argument);
        } catch (CommandException _) {
            throw Errors.err("Invalid client ID");
        }
    }

    static ClientType clientType(NodeCall call, int argument) {
        String given = call.request().toText(argument);
        ClientType type = ClientType.of(given);
        if (type == null) {
            throw Errors.err("Unknown client type '" + given + "'");
        }
        return type;
    }

    private void kill(NodeCall call) {
        KillFilter filter = call.argc() == 3 ? KillFilter.ofAddress(call.request().toText(2)) : KillFilter.parse(call);
        int killed = 0;
        boolean self = false;
        for (ClientSession session : registry.all()) {
            if (filter.matches(session, call.session(), call.nowMs())) {
                killed++;
                if (session == call.session()) {
                    self = true;
                } else {
                    session.close();
                }
            }
        }
        if (call.argc() > 3) {
            call.reply().integer(killed);
        } else if (killed == 0) {
            throw Errors.err("No such client");
        } else {
            call.reply().ok();
        }
        if (self) {
            call.session().closeAfterReply();
        }
    }

    private void unblock(NodeCall call) {
        requireAtMostFour(call);
        boolean error = call.argc() == 4 && call.is(3, "ERROR");
        if (call.argc() == 4 && !error && !call.is(3, "TIMEOUT")) {
            throw Errors.err("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        }
        ClientSession session = registry.find(call.integerArg(2));
        BlockedClient blocked = session == null ? null : session.suspension().blocked();
        boolean ended = blocked != null && (error
                ? blocked.answer(reply -> reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK")) : blocked.timeOut());
        call.reply().integer(ended ? 1 : 0);
    }

    private static void requireAtMostFour(NodeCall call) {
        if (call.argc() > 4) {
            throw Errors.subcommandSyntax(call.request());
        }
    }

    private void pause(NodeCall call) {
        requireAtMostFour(call);
        boolean all = call.argc() == 3 || call.is(3, "ALL");
        if (!all && !call.is(3, "WRITE")) {
            throw Errors.err("CLIENT PAUSE mode must be WRITE or ALL");
        }
        long timeoutMs;
        try {
            timeoutMs = call.integerArg(2);
        } catch (CommandException _) {
            throw Errors.err("timeout is not an integer or out of range");
        }
        if (timeoutMs < 0) {
            throw Errors.err("timeout is negative");
        }
        long until = call.nowMs() + timeoutMs;
        if (until < timeoutMs) {
            throw Errors.err("timeout is out of range");
        }
        condition.pause(PausePurpose.OPERATOR, all, until);
        if (!call.inTransaction()) {
            // once the client has its OK, no write that began before is still under way
            call.dispatcher().services().pauseBarrier().await();
        }
        call.reply().ok();
    }

    private void unpause(NodeCall call) {
        condition.resume(PausePurpose.OPERATOR);
        call.reply().ok();
    }
}
