package io.granary.node.embedded;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.Clock;
import io.granary.node.Node;
import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.granary.node.process.Shutdown;
import io.granary.node.process.StartFailure;
import io.granary.node.replication.ReplicationState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One node of an {@link EmbeddedCluster}: it can be stopped, and started again with its files and its port. */
public final class EmbeddedNode {

    private static final int BUS_PORT_DISTANCE = 10000;

    private final int port;
    private final List<String> arguments;
    private Node node;

    EmbeddedNode(int port, Path directory, List<String> directives) {
        this.port = port;
        arguments = new ArrayList<>(List.of(
                "--port", Integer.toString(port),
                "--bind", EmbeddedCluster.HOST,
                "--dir", directory.toString(),
                "--cluster-enabled", "yes",
                "--io-threads", "1",
                "--save", ""));
        arguments.addAll(directives);
    }

    /** The port for clients. */
    public int port() {
        return port;
    }

    /** {@code host:port}, as clients write it. */
    public String address() {
        return EmbeddedCluster.HOST + ":" + port;
    }

    /** Whether the node runs. */
    public boolean isRunning() {
        return node != null;
    }

    /** The name of the node, as long as it runs. */
    public NodeId id() {
        return view().myself().id();
    }

    /** The cluster as the node sees it, as long as it runs. */
    public ClusterView view() {
        return node.cluster().view();
    }

    /**
     * Whether the node says that the cluster serves, knows so many nodes, suspects none of them, and has its primary's data.
     */
    boolean isContentWith(int nodes) {
        ClusterView view = view();
        return view.ok() && isInStep(view) && view.nodes().size() == nodes && view.nodes().stream()
                .noneMatch(each -> each.is(NodeFlag.HANDSHAKE) || each.is(NodeFlag.PFAIL) || each.is(NodeFlag.FAIL));
    }

    private boolean isInStep(ClusterView view) {
        ReplicationState replication = node.replication().state();
        return view.myself().isPrimary() ? !replication.isReplica() : replication.connected();
    }

    /** Starts the node; {@link IllegalStateException} with its reason if it cannot start. */
    public void start() {
        try {
            startOrFail();
        } catch (StartFailure failure) {
            throw new IllegalStateException("the node on port " + port + " cannot start: " + failure.getMessage(), failure);
        }
    }

    void startOrFail() throws StartFailure {
        if (node != null) {
            throw new IllegalStateException("the node on port " + port + " runs already");
        }
        Node started = new Node(
                Configuration.of(arguments.toArray(String[]::new)), NodeLog.silent(), Clock.SYSTEM, new Shutdown());
        try {
            started.start();
        } catch (StartFailure failure) {
            started.stop();
            throw failure;
        }
        node = started;
    }

    /** Stops the node without a word to the others: to them it has died. Its data is gone, its place in the cluster not. */
    public void stop() {
        if (node != null) {
            node.stop();
            node = null;
        }
    }

    void takeSlots(int[] slots, long configEpoch) {
        ask(new OperatorRequest.SetConfigEpoch(configEpoch));
        ask(new OperatorRequest.AddSlots(slots));
    }

    void replicate(EmbeddedNode primary) {
        ask(new OperatorRequest.Replicate(primary.id().hex(), false));
    }

    void meet(EmbeddedNode other) {
        ask(new OperatorRequest.Meet(EmbeddedCluster.HOST, other.port, other.port + BUS_PORT_DISTANCE));
    }

    private void ask(OperatorRequest request) {
        Output.Answer answer = node.cluster().ask(request);
        if (answer.error() != null) {
            throw new IllegalStateException("the node on port " + port + " refuses: " + answer.error());
        }
    }

    @Override
    public String toString() {
        return address();
    }
}
