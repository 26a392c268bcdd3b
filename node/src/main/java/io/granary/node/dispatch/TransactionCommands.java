package io.granary.node.dispatch;

import static io.granary.slots.command.CommandFlag.ALLOW_BUSY;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.SKIP_SLOWLOG;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.client.ClientSession;
import io.granary.node.dispatch.Transaction.WatchedKey;
import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.KeyFlag;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH.
 *
 * <p>EXEC takes the locks of all keys that its commands name and of all keys that are watched, in ascending order of the
 * stripes, so that two transactions never wait for each other in a circle. Then it looks whether a watched key was touched:
 * from there on nobody can touch one before the last queued command has run.
 */
public final class TransactionCommands {

    public static final List<Command<NodeCall>> TABLE = List.of(
            Command.of("MULTI", "", TransactionCommands::multi)
                    .doc("1.2.0", "O(1)", "Starts a transaction.")
                    .group(Group.TRANSACTIONS).flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY),
            Command.of("EXEC", "", TransactionCommands::exec)
                    .doc("1.2.0", "Depends on commands in the transaction", "Executes all commands in a transaction.")
                    .group(Group.TRANSACTIONS).flags(NOSCRIPT, LOADING, STALE, SKIP_SLOWLOG),
            Command.of("DISCARD", "", TransactionCommands::discard)
                    .doc("2.0.0", "O(N), when N is the number of queued commands", "Discards a transaction.")
                    .group(Group.TRANSACTIONS).flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY),
            Command.of("WATCH", "key [key ...]", TransactionCommands::watch)
                    .doc("2.2.0", "O(1) for every key.", "Monitors changes to keys to determine the execution of a transaction.")
                    .group(Group.TRANSACTIONS).flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY).keys(KeyFlag.RO),
            Command.of("UNWATCH", "", TransactionCommands::unwatch)
                    .doc("2.2.0", "O(1)", "Forgets about watched keys of a transaction.")
                    .group(Group.TRANSACTIONS).flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY));

    private static final Set<String> RUN_INSIDE_MULTI = Set.of("EXEC", "DISCARD", "MULTI", "WATCH", "QUIT", "RESET");

    private TransactionCommands() {}

    /** Whether the command runs at once although a transaction is open. */
    static boolean runsInsideMulti(Command<NodeCall> command) {
        return RUN_INSIDE_MULTI.contains(command.name());
    }

    static boolean isExec(Command<NodeCall> command) {
        return command != null && command.name().equals("EXEC");
    }

    private static void multi(NodeCall call) {
        Transaction transaction = call.session().transaction();
        if (transaction.open()) {
            throw Errors.err("MULTI calls can not be nested");
        }
        transaction.begin();
        call.session().profile().queued(0);
        call.session().refresh();
        call.reply().ok();
    }

    private static void discard(NodeCall call) {
        if (!call.session().transaction().open()) {
            throw Errors.err("DISCARD without MULTI");
        }
        end(call);
        call.reply().ok();
    }

    private static void end(NodeCall call) {
        ClientSession session = call.session();
        call.dispatcher().endTransaction(session);
    }

    // ---- WATCH ----

    private static void watch(NodeCall call) {
        ClientSession session = call.session();
        Transaction transaction = session.transaction();
        if (transaction.open()) {
            throw Errors.err("WATCH inside MULTI is not allowed");
        }
        if (!transaction.spoiled()) {
            WatchBudget budget = call.dispatcher().services().watchBudget();
            try {
                for (int i = 1; i < call.argc(); i++) {
                    transaction.watch(call.store(), call.request().toBytes(i), call.nowMs(), budget);
                }
            } finally {
                session.profile().watched(transaction.watchedCount());
            }
        }
        call.reply().ok();
    }

    private static void unwatch(NodeCall call) {
        ClientSession session = call.session();
        session.transaction().unwatch(call.keyspace(), call.dispatcher().services().watchBudget());
        session.profile().watched(0);
        call.reply().ok();
    }

    // ---- EXEC ----

    private static void exec(NodeCall call) {
        ClientSession session = call.session();
        Transaction transaction = session.transaction();
        if (!transaction.open()) {
            throw Errors.err("EXEC without MULTI");
        }
        if (transaction.broken()) {
            end(call);
            throw Errors.EXEC_ABORT;
        }
        BitSet stripes = stripes(call, transaction);
        Keyspace keyspace = call.keyspace();
        stripes.stream().forEach(i -> keyspace.stripe(i).lock());
        try {
            if (transaction.watchedKeyExpired(keyspace, call.nowMs()) || transaction.spoiled()) {
                call.reply().nullArray();
            } else if (call.dispatcher().execution().runsElsewhere(call)) {
                return;
            } else {
                transaction.unwatch(keyspace, call.dispatcher().services().watchBudget());
                runQueue(call, session, transaction);
            }
        } finally {
            stripes.stream().forEach(i -> keyspace.stripe(i).unlock());
            end(call);
        }
    }

    private static void runQueue(NodeCall call, ClientSession session, Transaction transaction) {
        Dispatcher dispatcher = call.dispatcher();
        call.reply().array(transaction.queue().size());
        transaction.running(true);
        try {
            transaction.queue().forEach(dispatcher.services().table(), new Request(),
                    (command, request) -> dispatcher.execution().runInExec(session, command, request));
        } finally {
            transaction.running(false);
        }
        // not after a fault: half a transaction must not reach the log
        call.endUnit();
    }

    /** The stripes to lock: those of all keys, watched or named; all of them for a command that takes locks by itself. */
    private static BitSet stripes(NodeCall call, Transaction transaction) {
        Keyspace keyspace = call.keyspace();
        BitSet stripes = new BitSet(keyspace.stripes());
        if ((transaction.queue().flags() & CommandFlag.WHOLE_KEYSPACE.bit()) != 0 || !keyspace.clustered()) {
            stripes.set(0, keyspace.stripes());
            return stripes;
        }
        for (WatchedKey watched : transaction.watched()) {
            stripes.set(watched.slot() & keyspace.stripes() - 1);
        }
        // All keys that are named lie in one slot: EXEC is refused otherwise.
        if (transaction.queue().slot() >= 0) {
            stripes.set(transaction.queue().slot() & keyspace.stripes() - 1);
        }
        return stripes;
    }
}
