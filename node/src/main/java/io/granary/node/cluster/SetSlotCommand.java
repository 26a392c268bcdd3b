package io.granary.node.cluster;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.NO_ASYNC_LOADING;
import static io.granary.slots.command.CommandFlag.STALE;
import static io.granary.slots.command.CommandFlag.WHOLE_KEYSPACE;

import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.client.BlockedClient;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.log.NodeLog;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.resp.RequestEncoder;
import io.granary.slots.command.Arguments;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * CLUSTER SETSLOT: an operator says that a slot begins to move, has moved, or stays. It is told to replicas before it is
 * done, and written to the nodes file before it is answered, so its client waits for it while its event loop goes on.
 *
 * <p>Replicas are told by the stream, with the same words, as by Valkey since 8. Only replicas of ours and of Valkey's
 * understand that. A replica of Redis's answers the stream with an error, which it takes for the gravest of its faults and
 * for which it may be set to stop; so where there is one, nobody is told, and a failover forgets the open slots of the shard
 * as it does with Redis.
 */
final class SetSlotCommand implements AutoCloseable {

    /** How long replicas are waited for unless the operator says so with TIMEOUT. */
    private static final long REPLICAS_MS = 2000;
    private static final long REPLICAS_MS_MAX = 60_000;
    private static final int WAITING_MAX = 1024;
    private static final long THREAD_KEPT_S = 10;

    private final ClusterServices services;
    private final OperatorReplies replies;
    private final NodeLog log;
    private final ThreadPoolExecutor worker = new ThreadPoolExecutor(
            1, 1, THREAD_KEPT_S, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("setslot").factory());

    SetSlotCommand(ClusterServices services, NodeLog log) {
        this.services = services;
        this.replies = new OperatorReplies(services);
        this.log = log;
        worker.allowCoreThreadTimeOut(true);
    }

    Command<SlotCall> row() {
        return Command.of("CLUSTER SETSLOT", "slot <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>",
                        services.inCluster(this::setSlot))
                .group(Group.CLUSTER)
                .arity(-4)
                .doc("3.0.0", "O(1)", "Binds a hash slot to a node.")
                .flags(ADMIN, STALE, NO_ASYNC_LOADING, WHOLE_KEYSPACE);
    }

    /** What is asked for: {@code verb} in upper case, {@code node} null for STABLE. */
    private record Wish(int slot, String verb, String node, long timeoutMs) {

        OperatorRequest request(boolean keysLeft) {
            return switch (verb) {
                case "STABLE" -> new OperatorRequest.SetSlotStable(slot);
                case "MIGRATING" -> new OperatorRequest.SetSlotMigrating(slot, node);
                case "IMPORTING" -> new OperatorRequest.SetSlotImporting(slot, node);
                default -> new OperatorRequest.SetSlotNode(slot, node, keysLeft);
            };
        }

        byte[] forReplicas() {
            return node == null
                    ? RequestEncoder.encode("CLUSTER", "SETSLOT", Integer.toString(slot), verb)
                    : RequestEncoder.encode("CLUSTER", "SETSLOT", Integer.toString(slot), verb, node);
        }
    }

    private void setSlot(SlotCall call) {
        NodeCall client = call instanceof NodeCall node ? node : null;
        boolean fromPrimary = client != null && client.session().ofPrimary();
        if (!fromPrimary && !services.view().myself().isPrimary()) {
            throw Errors.err("Please use SETSLOT only with masters.");
        }
        Wish wish = read(call.request());
        if (fromPrimary) {
            services.order(new OperatorRequest.FromPrimary(wish.request(keysLeft(call.keyspace(), wish))));
            call.reply().ok();
        } else if (client == null || client.inTransaction()) {
            if (services.replicas().understandSlots()) {
                services.replicas().tell(wish.forReplicas());
            }
            replies.ok(call, wish.request(keysLeft(call.keyspace(), wish)));
        } else {
            begin(client, wish);
        }
    }

    private static Wish read(Request request) {
        int slot = ClusterSlotsCommands.slot(request, 2);
        String verb = request.toText(3).toUpperCase(Locale.ROOT);
        boolean named = verb.equals("MIGRATING") || verb.equals("IMPORTING") || verb.equals("NODE");
        int options = named ? 5 : 4;
        boolean timed = request.count() == options + 2 && request.is(options, "TIMEOUT");
        if (!named && !verb.equals("STABLE") || request.count() != options && !timed) {
            throw invalidAction();
        }
        return new Wish(slot, verb, named ? request.toText(4) : null, timed ? timeoutMs(request, options + 1) : REPLICAS_MS);
    }

    private static long timeoutMs(Request request, int argument) {
        long timeoutMs = Arguments.integer(
                request, argument, Errors.err("timeout is not an integer or out of range"));
        if (timeoutMs < 0) {
            throw Errors.err("timeout is negative");
        }
        return Math.min(timeoutMs, REPLICAS_MS_MAX);
    }

    private static CommandException invalidAction() {
        return Errors.err("Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP");
    }

    private static boolean keysLeft(Keyspace keyspace, Wish wish) {
        return wish.verb().equals("NODE") && keysIn(keyspace, wish.slot()) > 0;
    }

    /** How many keys of a slot are here. */
    static long keysIn(Keyspace keyspace, int slot) {
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            SlotStore store = keyspace.storeIfPresent(0, slot);
            return store == null ? 0 : store.size();
        } finally {
            lock.unlock();
        }
    }

    /** The client that waits for an answer. */
    private static final class Waiting implements BlockedClient.Ending {

        @Override
        public void timedOut(ReplyWriter reply) {
            reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
        }

        @Override
        public void ended() {
            // what was ordered is done all the same
        }
    }

    private void begin(NodeCall call, Wish wish) {
        if (worker.getQueue().remainingCapacity() == 0) {
            throw Errors.err("too many slots are being set, try again later");
        }
        Keyspace keyspace = call.keyspace();
        BlockedClient client = call.session().suspension().block(0, new Waiting());
        if (!services.replicas().understandSlots()) {
            services.order(wish.request(keysLeft(keyspace, wish))).thenAccept(answer -> answer(client, answer));
            return;
        }
        try {
            worker.execute(() -> answer(client, carryOut(keyspace, wish)));
        } catch (RejectedExecutionException _) {
            answer(client, new Output.Answer(0, null, "ERR the server is shutting down"));
        }
    }

    private static void answer(BlockedClient client, Output.Answer answer) {
        client.answer(reply -> {
            if (answer.error() == null) {
                reply.status(answer.text());
            } else {
                reply.error(answer.error());
            }
        });
    }

    /** With replicas, which are told first and waited for. */
    private Output.Answer carryOut(Keyspace keyspace, Wish wish) {
        try {
            Output.Answer refusal =
                    services.ask(new OperatorRequest.Rehearse(wish.request(keysLeft(keyspace, wish))));
            if (refusal.error() != null) {
                return refusal;
            }
            services.replicas().tell(wish.forReplicas());
            if (!services.replicas().awaitAll(wish.timeoutMs())) {
                log.warning("Not all replicas have confirmed SETSLOT of slot " + wish.slot() + " in time");
            }
            return services.ask(wish.request(keysLeft(keyspace, wish)));
        } catch (RuntimeException stopped) {
            log.warning("SETSLOT was not carried out", stopped);
            return new Output.Answer(0, null, "ERR the server is shutting down");
        }
    }

    /** Ends what is under way; when it returns no thread of this one's touches the data any more. */
    @Override
    public void close() {
        worker.close();
    }
}
