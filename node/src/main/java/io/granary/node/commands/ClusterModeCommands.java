package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.dispatch.NodeCall;
import io.granary.slots.command.AclCategory;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import java.util.List;

/** ASKING, READONLY, READWRITE: how a client wants its requests to be routed in a cluster. */
public final class ClusterModeCommands {

    public static final List<Command<NodeCall>> TABLE = Command.family(Group.CLUSTER,
            Command.of("ASKING", "", ClusterModeCommands::asking)
                    .doc("3.0.0", "O(1)", "Signals that a cluster client is following an -ASK redirect.")
                    .flags(FAST)
                    .categories(AclCategory.CONNECTION),
            Command.of("READONLY", "", (NodeCall call) -> readOnly(call, true))
                    .doc("3.0.0", "O(1)", "Enables read-only queries for a connection to a Redis Cluster replica node.")
                    .flags(LOADING, STALE, FAST)
                    .categories(AclCategory.CONNECTION),
            Command.of("READWRITE", "", (NodeCall call) -> readOnly(call, false))
                    .doc("3.0.0", "O(1)", "Enables read-write queries for a connection to a Redis Cluster replica node.")
                    .flags(LOADING, STALE, FAST)
                    .categories(AclCategory.CONNECTION));

    private ClusterModeCommands() {}

    private static void asking(NodeCall call) {
        requireCluster(call);
        call.session().asking(true);
        call.reply().ok();
    }

    private static void readOnly(NodeCall call, boolean on) {
        requireCluster(call);
        call.session().readOnly(on);
        call.reply().ok();
    }

    private static void requireCluster(NodeCall call) {
        if (!call.keyspace().clustered()) {
            throw Errors.err("This instance has cluster support disabled");
        }
    }
}
