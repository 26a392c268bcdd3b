package io.granary.node.cluster;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.NO_ASYNC_LOADING;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.OperatorRequest.FailoverKind;
import io.granary.resp.Request;
import io.granary.slots.command.Arguments;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import io.granary.slots.command.SlotCall;
import java.util.List;

/** The CLUSTER subcommands about nodes: who belongs to the cluster, in which epoch and in which role. */
public final class ClusterMembershipCommands {

    private static final int BUS_PORT_DISTANCE = 10000;

    private static final HelpText HELP = new HelpText(
            "COUNTKEYSINSLOT <slot>",
            "    Return the number of keys in <slot>.",
            "GETKEYSINSLOT <slot> <count>",
            "    Return key names stored by current node in a slot.",
            "INFO",
            "    Return information about the cluster.",
            "KEYSLOT <key>",
            "    Return the hash slot for <key>.",
            "MYID",
            "    Return the node id.",
            "MYSHARDID",
            "    Return the node's shard id.",
            "NODES",
            "    Return cluster configuration seen by node. Output format:",
            "    <id> <ip:port@bus-port[,hostname]> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
            "REPLICAS <node-id>",
            "    Return <node-id> replicas.",
            "SLOTS",
            "    Return information about slots range mappings. Each range is made of:",
            "    start, end, master and replicas IP addresses, ports and ids",
            "SHARDS",
            "    Return information about slot range mappings and the nodes associated with them.",
            "ADDSLOTS <slot> [<slot> ...]",
            "    Assign slots to current node.",
            "ADDSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]",
            "    Assign slots which are between <start-slot> and <end-slot> to current node.",
            "BUMPEPOCH",
            "    Advance the cluster config epoch.",
            "COUNT-FAILURE-REPORTS <node-id>",
            "    Return number of failure reports for <node-id>.",
            "DELSLOTS <slot> [<slot> ...]",
            "    Delete slots information from current node.",
            "DELSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]",
            "    Delete slots information which are between <start-slot> and <end-slot> from current node.",
            "FAILOVER [FORCE|TAKEOVER]",
            "    Promote current replica node to being a master.",
            "FORGET <node-id>",
            "    Remove a node from the cluster.",
            "FLUSHSLOTS",
            "    Delete current node own slots information.",
            "MEET <ip> <port> [<bus-port>]",
            "    Connect nodes into a working cluster.",
            "REPLICATE <node-id>",
            "    Configure current node as replica to <node-id>.",
            "RESET [HARD|SOFT]",
            "    Reset current node (default: soft).",
            "SET-CONFIG-EPOCH <epoch>",
            "    Set config epoch of current node.",
            "SETSLOT <slot> (IMPORTING <node-id>|MIGRATING <node-id>|STABLE|NODE <node-id>)",
            "    Set slot state.",
            "SAVECONFIG",
            "    Force saving cluster configuration on disk.",
            "LINKS",
            "    Return information about all network links between this node and its peers.",
            "    Output format is an array where each array element is a map containing attributes of a link");

    private final ClusterServices services;
    private final OperatorReplies replies;

    public ClusterMembershipCommands(ClusterServices services) {
        this.services = services;
        this.replies = new OperatorReplies(services);
    }

    public List<Command<SlotCall>> table() {
        return Command.family(
                Group.CLUSTER,
                Command.<SlotCall>container("CLUSTER")
                        .doc("3.0.0", "Depends on subcommand.", "A container for Redis Cluster commands."),
                Command.of("CLUSTER BUMPEPOCH", "", services.inCluster(this::bumpEpoch))
                        .doc("3.0.0", "O(1)", "Advances the cluster config epoch.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER COUNT-FAILURE-REPORTS", "node-id", services.inCluster(this::countFailureReports))
                        .doc("3.0.0", "O(N) where N is the number of failure reports",
                                "Returns the number of active failure reports active for a node.")
                        .flags(ADMIN, STALE)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER FAILOVER", "[FORCE | TAKEOVER]", services.inCluster(this::failover))
                        .doc("3.0.0", "O(1)", "Forces a replica to perform a manual failover of its master.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER FORGET", "node-id", services.inCluster(this::forget))
                        .doc("3.0.0", "O(1)", "Removes a node from the nodes table.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER HELP", "", services.inCluster(call -> HELP.write(call.request(), call.reply())))
                        .doc("5.0.0", "O(1)", "Returns helpful text about the different subcommands.")
                        .flags(LOADING, STALE),
                Command.of("CLUSTER MEET", "ip port [cluster-bus-port]", services.inCluster(this::meet))
                        .doc("3.0.0", "O(1)", "Forces a node to handshake with another node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING)
                        .history("4.0.0", "Added the optional `cluster_bus_port` argument."),
                Command.of("CLUSTER REPLICATE", "node-id", services.inCluster(this::replicate))
                        .doc("3.0.0", "O(1)", "Configure a node as replica of a master node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER RESET", "[HARD | SOFT]", services.inCluster(this::reset))
                        .doc("3.0.0", "O(N), N nodes known. May flush all data on the way.", "Resets a node.")
                        .flags(ADMIN, NOSCRIPT, STALE),
                Command.of("CLUSTER SAVECONFIG", "", services.inCluster(this::saveConfig))
                        .doc("3.0.0", "O(1)", "Forces a node to save the cluster configuration to disk.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER SET-CONFIG-EPOCH", "config-epoch", services.inCluster(this::setConfigEpoch))
                        .doc("3.0.0", "O(1)", "Sets the configuration epoch for a new node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTERJOIN", "address:string", services.inCluster(this::join))
                        .doc("7.4.0", "O(1)", "Joins the cluster of the node at ip:port: CLUSTER MEET in one word.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING));
    }

    private void meet(SlotCall call) {
        Request request = call.request();
        if (request.count() > 5) {
            throw Errors.subcommandSyntax(request);
        }
        long port = Arguments.integer(request, 3, Errors.err("Invalid base port specified: " + request.toText(3)));
        long busPort = request.count() == 5
                ? Arguments.integer(request, 4, Errors.err("Invalid bus port specified: " + request.toText(4)))
                : port + BUS_PORT_DISTANCE;
        replies.ok(call, new OperatorRequest.Meet(request.toText(2), port, busPort));
    }

    private void join(SlotCall call) {
        String address = call.request().toText(1);
        int colon = address.lastIndexOf(':');
        String digits = address.substring(colon + 1);
        if (colon < 1 || !digits.matches("[0-9]{1,5}")) {
            throw Errors.err("Invalid node address specified: " + address);
        }
        int port = Integer.parseInt(digits);
        replies.ok(call, new OperatorRequest.Meet(address.substring(0, colon), port, port + BUS_PORT_DISTANCE));
    }

    /** Forgets a node that is named by its id or, since ids are long, by {@code host:port}. */
    private void forget(SlotCall call) {
        String name = call.request().toText(2);
        String id = services.view().nodes().stream()
                .filter(node -> name.equals(node.ip() + ":" + node.port())
                        || name.equals(node.hostname() + ":" + node.port()) && !node.hostname().isEmpty())
                .map(node -> node.id().hex())
                .findFirst()
                .orElse(name);
        replies.ok(call, new OperatorRequest.Forget(id));
    }

    private void reset(SlotCall call) {
        Request request = call.request();
        if (request.count() > 3) {
            throw Errors.subcommandSyntax(request);
        }
        boolean hard = request.count() == 3 && request.is(2, "HARD");
        if (request.count() == 3 && !hard && !request.is(2, "SOFT")) {
            throw Errors.SYNTAX;
        }
        if (services.view().myself().isPrimary() && call.keyspace().size(0) != 0) {
            throw Errors.err("CLUSTER RESET can't be called with master nodes containing keys");
        }
        replies.ok(call, new OperatorRequest.Reset(hard));
    }

    private void bumpEpoch(SlotCall call) {
        replies.ok(call, new OperatorRequest.BumpEpoch());
    }

    private void setConfigEpoch(SlotCall call) {
        long epoch = call.integerArg(2);
        if (epoch < 0) {
            throw Errors.err("Invalid config epoch specified: " + epoch);
        }
        replies.ok(call, new OperatorRequest.SetConfigEpoch(epoch));
    }

    private void saveConfig(SlotCall call) {
        replies.ok(call, new OperatorRequest.SaveConfig());
    }

    private void countFailureReports(SlotCall call) {
        replies.integer(call, new OperatorRequest.CountFailureReports(call.request().toText(2)));
    }

    private void failover(SlotCall call) {
        Request request = call.request();
        if (request.count() > 3) {
            throw Errors.subcommandSyntax(request);
        }
        FailoverKind kind = FailoverKind.AGREED;
        if (request.count() == 3) {
            if (!request.is(2, "FORCE") && !request.is(2, "TAKEOVER")) {
                throw Errors.SYNTAX;
            }
            kind = request.is(2, "FORCE") ? FailoverKind.FORCE : FailoverKind.TAKEOVER;
        }
        replies.ok(call, new OperatorRequest.Failover(kind));
    }

    private void replicate(SlotCall call) {
        boolean keysHeld = call.keyspace().size(0) != 0;
        replies.ok(call, new OperatorRequest.Replicate(call.request().toText(2), keysHeld));
    }
}
