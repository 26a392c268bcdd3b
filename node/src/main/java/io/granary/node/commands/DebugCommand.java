package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.PROTECTED;
import static io.granary.slots.command.CommandFlag.STALE;
import static io.granary.slots.command.CommandFlag.WHOLE_KEYSPACE;

import io.granary.node.config.BadValueException;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.snapshot.Persistence;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Effects;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import io.granary.slots.keyspace.AccessClock;
import io.granary.slots.keyspace.Encoding;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/** DEBUG: for tests of servers and clients. Off unless {@code enable-debug-command} allows it. */
public final class DebugCommand {

    private static final HelpText HELP = new HelpText(
            "CHANGE-REPL-ID",
            "    Change the replication IDs of the instance.",
            "    Dangerous: should be used only for testing the replication subsystem.",
            "CONFIG-REWRITE-FORCE-ALL",
            "    Like CONFIG REWRITE but writes all configuration options, including",
            "    keywords not listed in original configuration file or default values.",
            "DIGEST",
            "    Output a hex signature representing the current DB content.",
            "DIGEST-VALUE <key> [<key> ...]",
            "    Output a hex signature of the values of all the specified keys.",
            "DROP-CLUSTER-PACKET-FILTER <packet-type>",
            "    Drop all packets that match the filtered type. Set to -1 allow all packets.",
            "ERROR <string>",
            "    Return a Redis protocol error with <string> as message. Useful for clients",
            "    unit tests to simulate Redis errors.",
            "JMAP",
            "    Answers OK.",
            "LOG <message>",
            "    Write <message> to the server log.",
            "OBJECT <key>",
            "    Show low level info about `key` and associated value.",
            "PANIC",
            "    Crash the server simulating a panic.",
            "POPULATE <count> [<prefix>] [<size>]",
            "    Create <count> string keys named key:<num>. If <prefix> is specified then",
            "    it is used instead of the 'key' prefix. These are not propagated to",
            "    replicas. Cluster slots are not respected so keys not belonging to the",
            "    current node can be created in cluster mode.",
            "PROTOCOL <type>",
            "    Reply with a test value of the specified type. <type> can be: string,",
            "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
            "    true, false.",
            "RELOAD [option ...]",
            "    Save the RDB on disk and reload it back to memory. Valid <option> values:",
            "    * MERGE: conflicting keys will be loaded from RDB.",
            "    * NOFLUSH: the existing database will not be removed before load, but",
            "      conflicting keys will generate an error.",
            "    * NOSAVE: the RDB is not saved before it is loaded.",
            "REPLICATE <string>",
            "    Replicates the provided string to replicas, allowing data divergence.",
            "SET-ACTIVE-EXPIRE <0|1>",
            "    Setting it to 0 disables expiring keys (and hash-fields) in background ",
            "    when they are not accessed (otherwise the Redis behavior). Setting it",
            "    to 1 reenables back the default.",
            "SLEEP <seconds>",
            "    Stop the server for <seconds>. Decimals allowed.");

    private final NodeCondition condition;
    private final Configuration configuration;
    private final DebugData data;
    private final Runnable changeReplicationId;
    private final LongConsumer dropMessages;
    private final NodeLog log;

    /**
     * @param changeReplicationId gives the node's history a name that nobody knows
     * @param dropMessages lets messages of a type be lost that the bus brings
     */
    public DebugCommand(
            NodeCondition condition, Configuration configuration, Persistence persistence, Runnable changeReplicationId,
            LongConsumer dropMessages, NodeLog log) {
        this.condition = condition;
        this.data = new DebugData(persistence, condition, log);
        this.changeReplicationId = changeReplicationId;
        this.dropMessages = dropMessages;
        this.configuration = configuration;
        this.log = log;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.SERVER,
                Command.of("DEBUG", "", this::debug)
                        .doc("1.0.0", "Depends on subcommand.", "A container for debugging commands.")
                        .arity(-2)
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE, PROTECTED, WHOLE_KEYSPACE)
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
                DebugReplies.write(call);
            }
            case "ERROR" -> {
                require(call, arguments == 1);
                throw new CommandException(call.request().toText(2).replace('\r', ' ').replace('\n', ' '));
            }
            case "LOG" -> {
                require(call, arguments == 1);
                log.warning("DEBUG LOG: " + call.request().toText(2));
                call.reply().ok();
            }
            default -> debugNode(call, verb, arguments);
        }
    }

    private void debugNode(NodeCall call, String verb, int arguments) {
        switch (verb) {
            case "PANIC" -> {
                require(call, arguments == 0);
                throw new AssertionError("called by DEBUG PANIC");
            }
            case "POPULATE" -> {
                require(call, arguments >= 1 && arguments <= 3);
                new DebugPopulation(call).run();
            }
            case "CONFIG-REWRITE-FORCE-ALL" -> {
                require(call, arguments == 0);
                rewriteConfiguration(call);
            }
            case "JMAP" -> call.reply().ok();
            default -> debugData(call, verb, arguments);
        }
    }

    private void debugData(NodeCall call, String verb, int arguments) {
        switch (verb) {
            case "DIGEST" -> {
                require(call, arguments == 0);
                data.digest(call);
            }
            case "DIGEST-VALUE" -> data.digestValues(call);
            case "RELOAD" -> data.reload(call);
            case "LOADAOF" -> throw Errors.err("Error trying to load the AOF files, check server logs.");
            case "CHANGE-REPL-ID" -> {
                require(call, arguments == 0);
                log.notice("Changing replication IDs after receiving change-repl-id");
                changeReplicationId.run();
                call.reply().ok();
            }
            default -> debugPeers(call, verb, arguments);
        }
    }

    private void debugPeers(NodeCall call, String verb, int arguments) {
        switch (verb) {
            case "REPLICATE" -> {
                require(call, arguments >= 1);
                replicate(call);
            }
            case "DROP-CLUSTER-PACKET-FILTER" -> {
                require(call, arguments == 1);
                dropMessages.accept(call.integerArg(2));
                call.reply().ok();
            }
            default -> throw Errors.subcommandSyntax(call.request());
        }
    }

    /** The lock is some slot's: it keeps the role as it is while the log is written to. */
    private static void replicate(NodeCall call) {
        StripeLock lock = call.keyspace().lock(0);
        lock.lock();
        try {
            if (call.recording()) {
                int argc = call.argc() - 2;
                Effects request = call.effects().request(Effects.NO_DATABASE, argc);
                for (int i = 0; i < argc; i++) {
                    request.arg(call.request(), i + 2);
                }
                call.endUnit();
            }
        } finally {
            lock.unlock();
        }
        call.reply().ok();
    }

    private static void require(NodeCall call, boolean right) {
        if (!right) {
            throw Errors.subcommandSyntax(call.request());
        }
    }

    private void rewriteConfiguration(NodeCall call) {
        try {
            configuration.rewriteAll();
        } catch (BadValueException refused) {
            throw Errors.err("CONFIG-REWRITE-FORCE-ALL failed: " + refused.getMessage());
        }
        call.reply().ok();
    }

    /** Holds all locks, so that no command on data runs anywhere; the cluster bus goes on, as it always does. */
    private static void sleep(NodeCall call) {
        double seconds = seconds(call);
        Keyspace keyspace = call.keyspace();
        keyspace.lockAll();
        try {
            long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        } finally {
            keyspace.unlockAll();
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
}
