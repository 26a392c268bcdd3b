package io.granary.node.replication.replicas;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.ALLOW_BUSY;
import static io.granary.slots.command.CommandFlag.BLOCKING;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.NO_ASYNC_LOADING;
import static io.granary.slots.command.CommandFlag.NO_MULTI;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.client.ClientSession;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.log.NodeLog;
import io.granary.node.replication.Replication;
import io.granary.node.replication.ReplicationState;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.AclCategory;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.List;
import java.util.Locale;

/** PSYNC, SYNC, REPLCONF: what replicas ask for. ROLE and WAIT: what clients ask about them. */
public final class ReplicaCommands {

    private static final int ADDRESS_LENGTH_MAX = 255;

    private final Replicas replicas;
    private final Replication replication;
    private final NodeLog log;
    /** Where a connection keeps what it has said of itself. */
    private final AttributeKey<ReplicaTerms> key = AttributeKey.valueOf(ReplicaCommands.class, "terms");

    public ReplicaCommands(Replicas replicas, Replication replication, NodeLog log) {
        this.replicas = replicas;
        this.replication = replication;
        this.log = log;
    }

    public List<Command<NodeCall>> table() {
        return List.of(
                Command.of("PSYNC", "replicationid offset:integer", this::psync).group(Group.SERVER)
                        .arity(-3)
                        .doc("2.8.0", "", "An internal command used in replication.")
                        .flags(ADMIN, NO_ASYNC_LOADING, NO_MULTI, NOSCRIPT),
                Command.of("SYNC", "", this::sync).group(Group.SERVER)
                        .doc("1.0.0", "", "An internal command used in replication.")
                        .flags(ADMIN, NO_ASYNC_LOADING, NO_MULTI, NOSCRIPT),
                Command.of("REPLCONF", "", this::replconf).group(Group.SERVER)
                        .arity(-1)
                        .doc("3.0.0", "O(1)", "An internal command for configuring the replication stream.")
                        .system()
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE, ALLOW_BUSY),
                Command.of("ROLE", "", this::role).group(Group.SERVER)
                        .doc("2.8.12", "O(1)", "Returns the replication role.")
                        .flags(NOSCRIPT, LOADING, STALE, FAST)
                        .categories(AclCategory.ADMIN, AclCategory.DANGEROUS),
                Command.of("WAIT", "numreplicas:integer timeout:integer", this::await).group(Group.GENERIC)
                        .doc("3.0.0", "O(1)",
                                "Blocks until the asynchronous replication of all preceding write commands sent by the"
                                        + " connection is completed.")
                        .flags(BLOCKING)
                        .categories(AclCategory.CONNECTION)
                        .tips("request_policy:all_shards", "response_policy:agg_min"));
    }

    // ---- what replicas ask for ----

    private void psync(NodeCall call) {
        ClientSession session = call.session();
        if (session.follower() != null) {
            return;
        }
        String historyId = call.request().toText(1);
        if (call.argc() > 3 && call.is(3, "FAILOVER")) {
            takeOver(historyId);
        }
        ReplicaTerms terms = admitted(session);
        long next = next(call);
        session.flush();
        replicas.synchronize(session, terms, historyId, next);
    }

    private long next(NodeCall call) {
        try {
            return call.integerArg(2);
        } catch (CommandException e) {
            log.warning("Replica " + call.session().profile().address()
                    + " asks for synchronization but with a wrong offset");
            throw e;
        }
    }

    private void sync(NodeCall call) {
        ClientSession session = call.session();
        if (session.follower() == null) {
            ReplicaTerms terms = admitted(session);
            session.flush();
            replicas.synchronize(session, terms);
        }
    }

    /** Our primary hands over to us: it has paused its clients, and we have all that it has. */
    private void takeOver(String historyId) {
        log.notice("Failover request received for replid " + historyId + ".");
        if (!replication.isReplica()) {
            throw Errors.err("PSYNC FAILOVER can't be sent to a master.");
        }
        if (!historyId.equalsIgnoreCase(replicas.history().ids().id())) {
            throw Errors.err("PSYNC FAILOVER replid must match my replid.");
        }
        replication.lead();
        log.notice("MASTER MODE enabled (failover request)");
    }

    /** The client's terms, if it may become a replica now. As syncCommand in Redis's replication.c. */
    private ReplicaTerms admitted(ClientSession session) {
        if (replicas.quiet()) {
            throw new CommandException("NOMASTERLINK Can't SYNC while failing over");
        }
        if (replicas.refusing()) {
            throw new CommandException("NOMASTERLINK Can't SYNC while a replica may have more data than its master");
        }
        ReplicationState state = replication.state();
        if (state.isReplica() && !state.connected()) {
            throw new CommandException("NOMASTERLINK Can't SYNC while not connected with my master");
        }
        ReplicaTerms terms = terms(session.channel());
        if (terms.filtered() && !terms.endMark()) {
            throw Errors.err("Filtered replica requires EOF capability");
        }
        log.notice("Replica " + session.profile().address() + " asks for synchronization");
        return terms;
    }

    private ReplicaTerms terms(Channel channel) {
        channel.attr(key).setIfAbsent(new ReplicaTerms());
        return channel.attr(key).get();
    }

    private void replconf(NodeCall call) {
        if (call.argc() % 2 == 0) {
            throw Errors.SYNTAX;
        }
        ReplicaTerms terms = terms(call.session().channel());
        for (int i = 1; i < call.argc(); i += 2) {
            switch (call.request().toText(i).toLowerCase(Locale.ROOT)) {
                case "listening-port" -> terms.port((int) call.integerArg(i + 1));
                case "ip-address" -> terms.address(address(call, i + 1));
                case "capa" -> terms.capability(call.request().toText(i + 1));
                case "rdb-only" -> terms.snapshotOnly(oneOrZero(call, i + 1));
                case "rdb-filter-only" -> filter(terms, call.request().toText(i + 1));
                case "version" -> terms.version(call.request().toText(i + 1));
                case "ack" -> {
                    acknowledge(call, i + 1);
                    return;
                }
                case "getack" -> {
                    // from a primary it comes by another way
                    return;
                }
                default -> throw Errors.err("Unrecognized REPLCONF option: " + call.request().toText(i));
            }
        }
        call.reply().ok();
    }

    private static String address(NodeCall call, int argument) {
        int length = call.request().length(argument);
        if (length > ADDRESS_LENGTH_MAX) {
            throw Errors.err("REPLCONF ip-address provided by replica instance is too long: " + length + " bytes");
        }
        return call.request().toText(argument);
    }

    private static boolean oneOrZero(NodeCall call, int argument) {
        long value = call.integerArg(argument);
        if (value != 0 && value != 1) {
            throw Errors.err("value is out of range, value must between 0 and 1");
        }
        return value == 1;
    }

    /** Leaves out all but what is named; there are no functions yet that could be named. */
    private static void filter(ReplicaTerms terms, String included) {
        terms.filter();
        for (String part : included.split(" ")) {
            if (!part.isEmpty() && !part.equalsIgnoreCase("functions")) {
                throw Errors.err("Unsupported rdb-filter-only option: " + part);
            }
        }
    }

    /** Never answered, whatever it says. */
    private static void acknowledge(NodeCall call, int argument) {
        if (call.session().follower() instanceof ReplicaLink link) {
            boolean fsynced = call.argc() > argument + 2 && call.is(argument + 1, "FACK");
            try {
                link.acknowledge(call.integerArg(argument), fsynced ? call.integerArg(argument + 2) : 0);
            } catch (CommandException _) {
                // no number: as if nothing had been said
            }
        }
    }

    // ---- what clients ask ----

    private void role(NodeCall call) {
        ReplyWriter reply = call.reply();
        ReplicationState state = replication.state();
        if (state.isReplica()) {
            reply.array(5);
            reply.bulk("slave");
            reply.bulk(state.host());
            reply.integer(state.port());
            reply.bulk(state.phase().word());
            reply.integer(state.connected() ? replication.offset() : -1);
            return;
        }
        List<ReplicaLink> online = replicas.links().stream()
                .filter(ReplicaLink::isOnline).toList();
        reply.array(3);
        reply.bulk("master");
        reply.integer(replicas.history().offset());
        reply.array(online.size());
        for (ReplicaLink link : online) {
            reply.array(3);
            reply.bulk(link.address());
            reply.bulk(Integer.toString(link.port()));
            reply.bulk(Long.toString(link.ackedOffset()));
        }
    }

    private void await(NodeCall call) {
        if (replication.isReplica()) {
            throw Errors.err("WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica"
                    + " is configured to be writable (which is not the default) writes to replicas are just local and are"
                    + " not propagated.");
        }
        long wanted = call.integerArg(1);
        long timeoutMs = timeoutMs(call, 2);
        long offset = call.session().profile().lastWriteOffset();
        int reached = replicas.acknowledgements().reached(offset);
        if (reached >= wanted || call.inTransaction()) {
            call.reply().integer(reached);
        } else {
            replicas.acknowledgements().await(call.session(), offset, wanted, timeoutMs);
        }
    }

    private static long timeoutMs(NodeCall call, int argument) {
        long timeoutMs;
        try {
            timeoutMs = call.integerArg(argument);
        } catch (CommandException _) {
            throw Errors.err("timeout is not an integer or out of range");
        }
        if (timeoutMs < 0) {
            throw Errors.err("timeout is negative");
        }
        if (timeoutMs > Long.MAX_VALUE - call.nowMs()) {
            throw Errors.err("timeout is out of range");
        }
        return timeoutMs;
    }
}
