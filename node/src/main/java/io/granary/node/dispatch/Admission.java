package io.granary.node.dispatch;

import io.granary.gossip.ClusterView;
import io.granary.node.client.ClientSession;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.Errors;
import io.granary.slots.keyspace.KeyState;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;

/**
 * The checklist between a request and its command, one guard a method, in the order of Redis's processCommand, because
 * clients see which of two reasons comes first. A plain client on a quiet node never gets here.
 */
final class Admission {

    /** What a command has both of that changes all data. */
    static final long WHOLE_WRITE = CommandFlag.WRITE.bit() | CommandFlag.WHOLE_KEYSPACE.bit();

    /** Commands that a pause of writes holds back have one of these. */
    static final long WRITES = CommandFlag.WRITE.bit() | CommandFlag.MAY_REPLICATE.bit();

    /** The lease of writes was waited for in vain. */
    private static final CommandException UNLEASED = new CommandException("CLUSTERDOWN The cluster is down");

    private static final long FOR_DATA = CommandFlag.READONLY.bit() | CommandFlag.WRITE.bit();

    /** Nothing is answered to a replica: what it did to the data nobody would know of. */
    private static final CommandException REPLICA = Errors.err("Replica can't interact with the keyspace");

    private static final CommandException LACKS_REPLICAS =
            new CommandException("NOREPLICAS Not enough good replicas to write.");

    private final DispatchServices services;

    Admission(DispatchServices services) {
        this.services = services;
    }

    /** What becomes of a request. */
    sealed interface Verdict {

        /** It runs now. */
        record Run() implements Verdict {
            static final Run NOW = new Run();
        }

        /** It waits for EXEC. */
        record Queue() implements Verdict {
            static final Queue FOR_EXEC = new Queue();
        }

        /** Its client was suspended; it is decoded again when the client goes on. */
        record Wait() implements Verdict {
            static final Wait FOR_RESUME = new Wait();
        }

        /** It is answered with an error, which may send the client to another node. */
        record Refuse(CommandException reason, boolean redirected) implements Verdict {}
    }

    Verdict decide(ClientSession session, Command<NodeCall> command, Request request, int slot, long nowMs) {
        if (services.condition().halted()) {
            session.suspension().suspend();
            return Verdict.Wait.FOR_RESUME;
        }
        CommandException reason = misshapen(command, request);
        if (reason == null) {
            reason = disabled(session, command);
        }
        if (reason == null) {
            reason = unauthenticated(session, command);
        }
        if (reason == null) {
            reason = notInTransaction(session, command);
        }
        if (reason != null) {
            return new Verdict.Refuse(reason, false);
        }
        CommandException redirect = servedElsewhere(session, command, request, slot);
        if (redirect != null) {
            return new Verdict.Refuse(redirect, true);
        }
        if (lacksMemory(session, command, nowMs)) {
            return new Verdict.Refuse(Errors.OUT_OF_MEMORY, false);
        }
        boolean writes = (flags(session, command) & WRITES) != 0;
        CommandException unready = unready(flags(session, command), command);
        if (unready != null) {
            return new Verdict.Refuse(unready, false);
        }
        if (session.follower() != null && (flags(session, command) & (FOR_DATA | WRITES)) != 0) {
            return new Verdict.Refuse(REPLICA, false);
        }
        if (services.condition().suspends(session, writes)) {
            return Verdict.Wait.FOR_RESUME;
        }
        if (writes && !services.lease().holds(services.clock().nanos())) {
            if (services.lease().abandoned()) {
                if (!needsNoLease(command.flagBits())) {
                    return new Verdict.Refuse(UNLEASED, true);
                }
            } else if (services.lease().suspends(session)) {
                return Verdict.Wait.FOR_RESUME;
            }
        }
        return session.transaction().open() && !TransactionCommands.runsInsideMulti(command)
                ? Verdict.Queue.FOR_EXEC : Verdict.Run.NOW;
    }

    /**
     * Whether a write is run and acknowledged where the lease was waited for in vain: it removes all data, as an operator
     * does who takes a cluster apart. Redis, too, asks for no majority where a command names no key.
     */
    static boolean needsNoLease(long flagBits) {
        return (flagBits & WHOLE_WRITE) == WHOLE_WRITE;
    }

    /** Unknown, or with too few or too many arguments. */
    private CommandException misshapen(Command<NodeCall> command, Request request) {
        if (command == null) {
            Command<NodeCall> container = services.table().find(request.toText(0));
            boolean sub = container != null && !container.subcommands().isEmpty() && request.count() > 1;
            return sub ? Errors.unknownSubcommand(request) : Errors.unknownCommand(request);
        }
        return command.accepts(request.count()) && command.body() != null ? null : Errors.wrongArity(command);
    }

    /** DEBUG, unless a directive allows it. */
    private CommandException disabled(ClientSession session, Command<NodeCall> command) {
        return !command.is(CommandFlag.PROTECTED) || services.allowsDebug(session.profile().isLocal()) ? null
                : Errors.err("DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it"
                        + " from a local connection, otherwise you need to set this option in the configuration file, and then"
                        + " restart the server.");
    }

    private CommandException unauthenticated(ClientSession session, Command<NodeCall> command) {
        if (!session.authenticated() && !services.requiresPassword()) {
            // requirepass was taken back while the client was there
            session.authenticated(true);
        }
        return session.authenticated() || command.is(CommandFlag.NO_AUTH) ? null : Errors.NO_AUTH;
    }

    private CommandException notInTransaction(ClientSession session, Command<NodeCall> command) {
        boolean forbidden = session.transaction().open() && command.is(CommandFlag.NO_MULTI);
        return forbidden ? Errors.err("Command not allowed inside a transaction") : null;
    }

    /** In a cluster: the keys are another node's, or nobody's, or lie in several slots. */
    private CommandException servedElsewhere(
            ClientSession session, Command<NodeCall> command, Request request, int slot) {
        if (!services.keyspace().clustered()) {
            return null;
        }
        int joined = TransactionCommands.isExec(command) ? session.transaction().queue().slot() : slot;
        ClusterView view = services.view();
        return Router.runsHere(view, joined) ? null : elsewhere(session, command, request, joined, view);
    }

    /** The redirect, or null when the slot is served here after all. */
    CommandException elsewhere(
            ClientSession session, Command<NodeCall> command, Request request, int slot, ClusterView view) {
        boolean write = (flags(session, command) & CommandFlag.WRITE.bit()) != 0;
        boolean asking = session.asking() || command.is(CommandFlag.ASKING);
        boolean local = command.name().equals("MIGRATE");
        Router.Terms terms = new Router.Terms(write, asking, session.readOnly(), services.readsWhenDown(), local);
        Route route = Router.route(view, slot, terms, census -> count(session, command, request, slot, census));
        // where keys have just gone that a write is about, it waits as long as the slot is held
        boolean held = write && (route instanceof Route.Ask || route instanceof Route.TryAgain)
                && services.condition().holds(slot);
        return held || route instanceof Route.Here ? null
                : new CommandException(route.error(services.endpoints().of(session.profile().host()), false));
    }

    /** Counts which keys of the request, or for EXEC of all queued ones, are here. */
    private void count(ClientSession session, Command<NodeCall> command, Request request, int slot, KeyCensus census) {
        if (TransactionCommands.isExec(command)) {
            session.transaction().queue().forEach(services.table(), new Request(),
                    (queued, arguments) -> count(session, queued, arguments, slot, census));
            return;
        }
        long nowMs = services.clock().unixMs();
        Keyspace keyspace = services.keyspace();
        var lock = keyspace.lock(slot);
        lock.lock();
        try {
            SlotStore store = keyspace.store(session.database(), slot);
            command.keys(request, (argument, _) -> {
                int offset = request.offset(argument);
                int length = request.length(argument);
                KeyState state = KeyState.of(store, request.bytes(), offset, length, nowMs);
                census.count(request.bytes().asSlice(offset, length), state == KeyState.LIVE);
            });
        } finally {
            lock.unlock();
        }
    }

    /** Makes room whatever the command is; only one that may add to the data is refused when that fails. */
    private boolean lacksMemory(ClientSession session, Command<NodeCall> command, long nowMs) {
        boolean room = services.condition().paused() || services.memory().roomLeft(nowMs);
        return !room && (flags(session, command) & CommandFlag.DENYOOM.bit()) != 0;
    }

    /** The node's data is not as the command needs it, or must not change. */
    private CommandException unready(long flags, Command<NodeCall> command) {
        NodeCondition condition = services.condition();
        // PING, too: so that whoever watches the node hears of it
        if (condition.unsaved() && ((flags & CommandFlag.WRITE.bit()) != 0 || command.name().equals("PING"))) {
            return Errors.UNSAVED;
        }
        if (condition.lacksReplicas() && (flags & WRITES) != 0) {
            return LACKS_REPLICAS;
        }
        CommandException beyond = beyondReplica(flags, command);
        if (beyond != null) {
            return beyond;
        }
        boolean withoutData = command.is(CommandFlag.LOADING) && (flags & FOR_DATA) == 0;
        boolean waits = condition.loading() ? !withoutData
                : condition.loadingBeside() && (flags & CommandFlag.NO_ASYNC_LOADING.bit()) != 0;
        return waits ? Errors.LOADING : null;
    }

    /** On a replica: what would write, and while it may be far behind its primary all that looks at data. */
    private CommandException beyondReplica(long flags, Command<NodeCall> command) {
        NodeCondition condition = services.condition();
        if (condition.closedToWrites() && (flags & CommandFlag.WRITE.bit()) != 0) {
            return Errors.READ_ONLY;
        }
        boolean fresh = command.is(CommandFlag.STALE) && (flags & FOR_DATA) == 0;
        return condition.stale() && !fresh ? Errors.MASTER_DOWN : null;
    }

    /** The command's flags; for EXEC those of everything queued as well. */
    static long flags(ClientSession session, Command<NodeCall> command) {
        long flags = command.flagBits();
        return TransactionCommands.isExec(command) ? flags | session.transaction().queue().flags() : flags;
    }

    /** Keeps the request for EXEC. */
    void queue(ClientSession session, Command<NodeCall> command, Request request, int slot, ReplyWriter reply) {
        Transaction transaction = session.transaction();
        if (transaction.broken() || transaction.spoiled()) {
            // it will never run: as in Redis nothing more is kept, so that a failed transaction cannot grow
            reply.status("QUEUED");
            return;
        }
        CommandQueue queue = transaction.queue();
        if (!queue.add(command, request, slot, session.channel().alloc(), services.queryBytesMax())) {
            session.registry().inputTooLong(session);
            session.close();
            return;
        }
        session.profile().queued(queue.size());
        reply.status("QUEUED");
    }
}
