package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.dispatch.Endpoints;
import io.granary.slots.command.Body;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.SlotCall;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** What the CLUSTER commands need of the node. */
public interface ClusterServices {

    CommandException DISABLED = new CommandException("ERR This instance has cluster support disabled");

    /** {@code cluster-enabled}; nothing else may be asked where it is off. */
    boolean enabled();

    ClusterView view();

    /** Waits until the cluster looks as wanted, at most for a time; how it looks then. Not to be called on an event loop. */
    ClusterView await(Predicate<ClusterView> wanted, long mostMs) throws InterruptedException;

    /** Asks the machine for a change. */
    Output.Answer ask(OperatorRequest request);

    /** Asks the machine for a change, and does not wait; the answer comes on the bus's thread, which may not be held up. */
    CompletableFuture<Output.Answer> order(OperatorRequest request);

    /** Who is to know of slots on their way. */
    SlotReplicas replicas();

    /** What the sockets know of the links. */
    GossipDriver.LinkBuffers linkBuffers();

    /** How clients are told where nodes are. */
    Endpoints endpoints();

    /** The address that the caller connected from, null if it has none. */
    InetAddress caller(SlotCall call);

    /** This node's own replication offset. */
    long replicationOffset();

    /** The body, refused on a node that is part of no cluster. */
    default Body<SlotCall> inCluster(Body<SlotCall> body) {
        return call -> {
            if (!enabled()) {
                throw DISABLED;
            }
            body.run(call);
        };
    }
}
