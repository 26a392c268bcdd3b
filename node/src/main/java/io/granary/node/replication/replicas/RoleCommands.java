package io.granary.node.replication.replicas;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.NO_ASYNC_LOADING;
import static io.granary.slots.command.CommandFlag.STALE;
import static io.granary.slots.command.CommandFlag.WHOLE_KEYSPACE;

import io.granary.node.client.ClientText;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.log.NodeLog;
import io.granary.node.replication.Replication;
import io.granary.node.replication.ReplicationState;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import java.util.List;

/** REPLICAOF, SLAVEOF, FAILOVER: who leads, outside a cluster. */
public final class RoleCommands {

    private static final int PORT_MAX = 65535;

    private final Replicas replicas;
    private final Replication replication;
    private final PlannedFailover failover;
    private final boolean clustered;
    private final NodeLog log;

    public RoleCommands(
            Replicas replicas, Replication replication, PlannedFailover failover, boolean clustered, NodeLog log) {
        this.replicas = replicas;
        this.replication = replication;
        this.failover = failover;
        this.clustered = clustered;
        this.log = log;
    }

    public List<Command<NodeCall>> table() {
        return List.of(
                Command.of("REPLICAOF", "<host port:integer | NO ONE>", this::replicaof).group(Group.SERVER)
                        .arity(3)
                        .doc("5.0.0", "O(1)", "Make the server a replica of another instance, or promote it as master.")
                        .flags(ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING, WHOLE_KEYSPACE),
                Command.of("SLAVEOF", "<host port:integer | NO ONE>", this::replicaof).group(Group.SERVER)
                        .arity(3)
                        .doc("1.0.0", "O(1)", "Make the server a replica of another instance, or promote it as master.")
                        .deprecated("5.0.0", "`REPLICAOF`")
                        .flags(ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING, WHOLE_KEYSPACE),
                Command.of("FAILOVER", "[TO host port:integer [FORCE]] [ABORT] [TIMEOUT milliseconds:integer]",
                                this::failover)
                        .group(Group.SERVER)
                        .arity(-1)
                        .doc("6.2.0", "O(1)",
                                "Start a coordinated failover between this server and one of its replicas.")
                        .flags(ADMIN, NOSCRIPT, STALE));
    }

    // ---- REPLICAOF ----

    private void replicaof(NodeCall call) {
        if (clustered) {
            throw Errors.err("REPLICAOF not allowed in cluster mode.");
        }
        if (failover.stage() != PlannedFailover.Stage.NONE) {
            throw Errors.err("REPLICAOF not allowed while failing over.");
        }
        if (call.is(1, "NO") && call.is(2, "ONE")) {
            if (replication.isReplica()) {
                replication.lead();
                log.notice("MASTER MODE enabled (user request from '" + ClientText.of(call.session()) + "')");
            }
            call.reply().ok();
            return;
        }
        if (call.session().follower() != null) {
            throw Errors.err("Command is not valid when client is a replica.");
        }
        String host = call.request().toText(1);
        int port = port(call, 2);
        ReplicationState state = replication.state();
        if (state.follows(host, port)) {
            log.notice("REPLICAOF would result into synchronization with the master we are already connected with."
                    + " No operation performed.");
            call.reply().status("OK Already connected to specified master");
            return;
        }
        replication.follow(host, port);
        log.notice("REPLICAOF " + host + ":" + port + " enabled (user request from '" + ClientText.of(call.session())
                + "')");
        call.reply().ok();
    }

    private static int port(NodeCall call, int argument) {
        try {
            long port = call.integerArg(argument);
            if (port >= 0 && port <= PORT_MAX) {
                return (int) port;
            }
        } catch (CommandException _) {
            // the same answer
        }
        throw Errors.err("Invalid master port");
    }

    // ---- FAILOVER ----

    private void failover(NodeCall call) {
        if (clustered) {
            throw Errors.err("FAILOVER not allowed in cluster mode.");
        }
        if (call.argc() == 2 && call.is(1, "ABORT")) {
            if (!failover.abort("Failover manually aborted")) {
                throw Errors.err("No failover in progress.");
            }
            call.reply().ok();
            return;
        }
        Wish wish = Wish.of(call);
        if (failover.stage() != PlannedFailover.Stage.NONE) {
            throw Errors.err("FAILOVER already in progress.");
        }
        if (replication.isReplica()) {
            throw Errors.err("FAILOVER is not valid when server is a replica.");
        }
        if (replicas.links().isEmpty()) {
            throw Errors.err("FAILOVER requires connected replicas.");
        }
        if (wish.force && (wish.timeoutMs == 0 || wish.target == null)) {
            throw Errors.err("FAILOVER with force option requires both a timeout and target HOST and IP.");
        }
        if (wish.target != null) {
            requireOnline(wish.target);
        }
        if (!failover.begin(wish.target, wish.force, wish.timeoutMs)) {
            throw Errors.err("FAILOVER already in progress.");
        }
        call.reply().ok();
    }

    private void requireOnline(PlannedFailover.Target target) {
        for (ReplicaLink link : replicas.links()) {
            if (link.address().equalsIgnoreCase(target.host()) && link.port() == target.port()) {
                if (!link.isOnline()) {
                    throw Errors.err("FAILOVER target replica is not online.");
                }
                return;
            }
        }
        throw Errors.err("FAILOVER target HOST and PORT is not a replica.");
    }

    /** The arguments of FAILOVER. */
    private static final class Wish {

        private PlannedFailover.Target target;
        private boolean force;
        private long timeoutMs;

        static Wish of(NodeCall call) {
            Wish wish = new Wish();
            for (int i = 1; i < call.argc(); i++) {
                if (call.is(i, "TIMEOUT") && i + 1 < call.argc() && wish.timeoutMs == 0) {
                    wish.timeoutMs = call.integerArg(++i);
                    if (wish.timeoutMs <= 0) {
                        throw Errors.err("FAILOVER timeout must be greater than 0");
                    }
                } else if (call.is(i, "TO") && i + 2 < call.argc() && wish.target == null) {
                    wish.target = new PlannedFailover.Target(call.request().toText(i + 1), call.integerArg(i + 2));
                    i += 2;
                } else if (call.is(i, "FORCE") && !wish.force) {
                    wish.force = true;
                } else {
                    throw Errors.SYNTAX;
                }
            }
            return wish;
        }
    }
}
