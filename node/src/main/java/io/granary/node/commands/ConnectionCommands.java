package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ALLOW_BUSY;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.NO_AUTH;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.Version;
import io.granary.node.client.ClientSession;
import io.granary.node.client.ReplyMode;
import io.granary.node.dispatch.NodeCall;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Arguments;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import java.util.List;
import java.util.function.BooleanSupplier;

/** AUTH, ECHO, HELLO, PING, QUIT, RESET, SELECT: a client and its connection. */
public final class ConnectionCommands {

    private final Authentication authentication;
    private final BooleanSupplier replica;

    /** @param replica whether this node is one at present */
    public ConnectionCommands(Authentication authentication, BooleanSupplier replica) {
        this.authentication = authentication;
        this.replica = replica;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.CONNECTION,
                Command.of("AUTH", "[username] password", this::auth)
                        .doc("1.0.0", "O(N) where N is the number of passwords defined for the user",
                                "Authenticates the connection.")
                        .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .history("6.0.0", "Added ACL style (username and password)."),
                Command.of("ECHO", "message", ConnectionCommands::echo)
                        .doc("1.0.0", "O(1)", "Returns the given string.")
                        .flags(LOADING, STALE, FAST),
                Command.of("HELLO", "[protover [AUTH username password] [SETNAME clientname]]", this::hello)
                        .doc("6.0.0", "O(1)", "Handshakes with the Redis server.")
                        .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .history("6.2.0", "`protover` became optional: without it HELLO only reports."),
                Command.of("PING", "[message]", ConnectionCommands::ping)
                        .doc("1.0.0", "O(1)", "Returns the server's liveliness response.")
                        .flags(FAST)
                        .tips("request_policy:all_shards", "response_policy:all_succeeded"),
                Command.of("QUIT", "", ConnectionCommands::quit)
                        .doc("1.0.0", "O(1)", "Closes the connection.")
                        .arity(-1)
                        .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .deprecated("7.2.0", "just closing the connection"),
                Command.of("RESET", "", this::reset)
                        .doc("6.2.0", "O(1)", "Resets the connection.")
                        .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY),
                Command.of("SELECT", "index", ConnectionCommands::select)
                        .doc("1.0.0", "O(1)", "Changes the selected database.")
                        .flags(LOADING, STALE, FAST));
    }

    private void auth(NodeCall call) {
        switch (call.argc()) {
            case 2 -> authentication.authenticate(call.session(), call.request().toBytes(1));
            case 3 -> authentication.authenticate(call.session(), call.request().toText(1), call.request().toBytes(2));
            default -> throw Errors.SYNTAX;
        }
        call.reply().ok();
    }

    private static void echo(NodeCall call) {
        call.reply().bulk(call.request().bytes(), call.request().offset(1), call.request().length(1));
    }

    private static void ping(NodeCall call) {
        if (call.argc() > 2) {
            throw Errors.wrongArity("ping");
        }
        if (call.argc() == 2) {
            echo(call);
        } else {
            call.reply().status("PONG");
        }
    }

    private static void quit(NodeCall call) {
        call.reply().ok();
        call.session().closeAfterReply();
    }

    private static void select(NodeCall call) {
        int index = Arguments.integer32(call.request(), 1);
        if (call.keyspace().clustered() && index != 0) {
            throw Errors.err("SELECT is not allowed in cluster mode");
        }
        if (index < 0 || index >= call.keyspace().databases()) {
            throw Errors.DB_INDEX_OUT_OF_RANGE;
        }
        call.session().database(index);
        call.reply().ok();
    }

    /** Makes the connection as if it were new. */
    private void reset(NodeCall call) {
        ClientSession session = call.session();
        call.dispatcher().endTransaction(session);
        if (session.monitor()) {
            session.registry().monitors().remove(session);
            session.monitor(false);
        }
        session.database(0);
        session.resp3(false);
        call.reply().resp3(false);
        session.readOnly(false);
        session.asking(false);
        session.noTouch(false);
        session.profile().noEvict(false);
        session.profile().name("");
        session.profile().user("default");
        session.replyMode(ReplyMode.ON);
        session.authenticated(!authentication.required());
        call.reply().status("RESET");
    }

    // ---- HELLO ----

    private void hello(NodeCall call) {
        ClientSession session = call.session();
        long version = 0;
        if (call.argc() > 1) {
            version = protocol(call);
        }
        String user = null;
        byte[] password = null;
        String name = null;
        for (int i = 2; i < call.argc(); i++) {
            if (call.is(i, "AUTH") && i + 2 < call.argc()) {
                user = call.request().toText(i + 1);
                password = call.request().toBytes(i + 2);
                i += 2;
            } else if (call.is(i, "SETNAME") && i + 1 < call.argc()) {
                name = ClientCommands.clientName(call.request().toText(++i));
            } else {
                throw Errors.err("Syntax error in HELLO option '" + call.request().toText(i) + "'");
            }
        }
        if (user != null) {
            authentication.authenticate(session, user, password);
        }
        if (!session.authenticated()) {
            throw new CommandException("NOAUTH HELLO must be called with the client already authenticated, otherwise the"
                    + " HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP"
                    + " protocol version at the same time");
        }
        if (name != null) {
            session.profile().name(name);
        }
        if (version != 0) {
            session.resp3(version == 3);
            call.reply().resp3(version == 3);
        }
        describe(call.reply(), session, call.keyspace().clustered(), replica.getAsBoolean());
    }

    private static long protocol(NodeCall call) {
        long version;
        try {
            version = call.integerArg(1);
        } catch (CommandException _) {
            throw Errors.err("Protocol version is not an integer or out of range");
        }
        if (version < 2 || version > 3) {
            throw new CommandException("NOPROTO unsupported protocol version");
        }
        return version;
    }

    private static void describe(ReplyWriter reply, ClientSession session, boolean clustered, boolean replica) {
        reply.map(7);
        reply.bulk("server");
        reply.bulk("redis");
        reply.bulk("version");
        reply.bulk(Version.REDIS);
        reply.bulk("proto");
        reply.integer(session.resp3() ? 3 : 2);
        reply.bulk("id");
        reply.integer(session.id());
        reply.bulk("mode");
        reply.bulk(clustered ? "cluster" : "standalone");
        reply.bulk("role");
        reply.bulk(replica ? "replica" : "master");
        reply.bulk("modules");
        reply.array(0);
    }
}
