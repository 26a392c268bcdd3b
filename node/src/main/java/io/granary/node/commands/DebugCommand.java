package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.PROTECTED;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import io.granary.slots.keyspace.AccessClock;
import io.granary.slots.keyspace.Encoding;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** DEBUG: for tests of servers and clients. Off unless {@code enable-debug-command} allows it. */
public final class DebugCommand {

    private static final HelpText HELP = new HelpText(
            "JMAP",
            "    Answers OK.",
            "OBJECT <key>",
            "    Show low level info about `key` and associated value.",
            "PROTOCOL <type>",
            "    Reply with a test value of the specified type. <type> can be: string,",
            "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
            "    true, false.",
            "SET-ACTIVE-EXPIRE <0|1>",
            "    Setting it to 0 disables expiring keys (and hash-fields) in background ",
            "    when they are not accessed (otherwise the Redis behavior). Setting it",
            "    to 1 reenables back the default.",
            "SLEEP <seconds>",
            "    Stop the server for <seconds>. Decimals allowed.");

    private final NodeCondition condition;

    public DebugCommand(NodeCondition condition) {
        this.condition = condition;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.SERVER,
                Command.of("DEBUG", "", this::debug)
                        .doc("1.0.0", "Depends on subcommand.", "A container for debugging commands.")
                        .arity(-2)
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE, PROTECTED)
                        .system());
    }

    private void debug(NodeCall call) {
        String verb = call.request().toText(1).toUpperCase(Locale.ROOT);
        int arguments = call.argc() - 2;
        switch (verb) {
            case "HELP" -> HELP.write(call.request(), call.reply());
            case "SLEEP" -> {
                require(call, arguments == 1);
                sleep(call);
            }
            case "OBJECT" -> {
                require(call, arguments == 1);
                object(call);
            }
            case "SET-ACTIVE-EXPIRE" -> {
                require(call, arguments == 1);
                condition.expiresActively(call.integerArg(2) != 0);
                call.reply().ok();
            }
            case "PROTOCOL" -> {
                require(call, arguments == 1);
                protocol(call);
            }
            case "JMAP" -> call.reply().ok();
            default -> throw Errors.subcommandSyntax(call.request());
        }
    }

    private static void require(NodeCall call, boolean right) {
        if (!right) {
            throw Errors.subcommandSyntax(call.request());
        }
    }

    /** Holds all locks, so that no command on data runs anywhere; the cluster bus goes on, as it always does. */
    private static void sleep(NodeCall call) {
        double seconds = seconds(call);
        Keyspace keyspace = call.keyspace();
        for (int i = 0; i < keyspace.stripes(); i++) {
            keyspace.stripe(i).lock();
        }
        try {
            long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        } finally {
            for (int i = 0; i < keyspace.stripes(); i++) {
                keyspace.stripe(i).unlock();
            }
        }
        call.reply().ok();
    }

    private static double seconds(NodeCall call) {
        try {
            return Double.parseDouble(call.request().toText(2));
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private static void object(NodeCall call) {
        Keyspace keyspace = call.keyspace();
        var request = call.request();
        int slot = keyspace.clustered()
                ? io.granary.slots.Slot.of(request.bytes(), request.offset(2), request.length(2)) : 0;
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            SlotStore store = keyspace.store(call.database(), slot);
            long record = store.find(request.bytes(), request.offset(2), request.length(2), call.hash(2));
            if (record == SlotStore.NONE) {
                throw Errors.NO_SUCH_KEY;
            }
            int clock = store.accessClock(record);
            call.reply().status(String.format(Locale.ROOT,
                    "Value at:0x%012x refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d", record,
                    Encoding.of(store.encoding(record)).text(), store.valueLength(record) + 1, clock,
                    AccessClock.idleMs(clock, call.nowMs()) / 1000));
        } finally {
            lock.unlock();
        }
    }

    private static void protocol(NodeCall call) {
        ReplyWriter reply = call.reply();
        switch (call.request().toText(2).toLowerCase(Locale.ROOT)) {
            case "string" -> reply.bulk("Hello World");
            case "integer" -> reply.integer(12345);
            case "double" -> reply.dbl(3.141);
            case "null" -> reply.nullBulk();
            case "array" -> {
                reply.array(3);
                numbers(reply);
            }
            case "set" -> {
                reply.set(3);
                numbers(reply);
            }
            case "map" -> {
                reply.map(3);
                for (int i = 0; i < 3; i++) {
                    reply.integer(i);
                    reply.bool(i == 1);
                }
            }
            case "verbatim" -> reply.verbatim("txt", "This is a verbatim\nstring".getBytes(StandardCharsets.ISO_8859_1));
            case "true" -> reply.bool(true);
            case "false" -> reply.bool(false);
            // An attribute may always be left out, so this reply stands alone.
            case "attrib" -> reply.bulk("Some real reply following the attribute");
            case "push" -> push(reply);
            case "bignum" -> reply.bigNumber("1234567999999999999999999999999999999");
            default -> throw new CommandException("ERR Wrong protocol type name. Please use one of the following: "
                    + "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
        }
    }

    private static void push(ReplyWriter reply) {
        if (!reply.resp3()) {
            throw Errors.err("RESP2 is not supported by this command");
        }
        reply.push(2);
        reply.bulk("server-cpu-usage");
        reply.integer(42);
        reply.bulk("Some real reply following the push reply");
    }

    private static void numbers(ReplyWriter reply) {
        for (int i = 0; i < 3; i++) {
            reply.integer(i);
        }
    }
}
