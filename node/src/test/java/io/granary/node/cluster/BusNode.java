package io.granary.node.cluster;

import io.granary.gossip.GossipSettings;
import io.granary.gossip.ReplicaSettings;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.Clock;
import io.granary.node.config.BindAddresses.BindAddress;
import io.granary.node.log.NodeLog;
import io.granary.persistence.disk.FileDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/** A node that is nothing but a driver on real sockets and files: it gossips, and no client can reach it. */
final class BusNode implements AutoCloseable {

    private static final int PORT_NOBODY_LISTENS_ON = 1;

    private final int busPort;
    private final GossipDriver driver;
    final AtomicReference<Throwable> broken = new AtomicReference<>();

    private BusNode(Path directory, int busPort, long nodeTimeoutMs) throws IOException {
        this.busPort = busPort;
        GossipSettings settings = new GossipSettings(
                nodeTimeoutMs, true, PORT_NOBODY_LISTENS_ON, 0, busPort, false, "", "", "", ReplicaSettings.DEFAULT);
        driver = new GossipDriver(
                settings,
                directory.resolve("nodes.conf"),
                new FileDisk(),
                new SplittableRandom(),
                Clock.SYSTEM,
                _ -> { },
                broken::set,
                NodeLog.silent());
    }

    static BusNode start(Path directory, int busPort, long nodeTimeoutMs) throws IOException {
        BusNode node = new BusNode(directory, busPort, nodeTimeoutMs);
        node.driver.start(List.of(new BindAddress("127.0.0.1", false)), busPort, new LoneReplication());
        return node;
    }

    int busPort() {
        return busPort;
    }

    GossipDriver driver() {
        return driver;
    }

    Output.Answer meet(int port, int otherBusPort) {
        return driver.ask(new OperatorRequest.Meet("127.0.0.1", port, otherBusPort));
    }

    Output.Answer addSlots(int first, int last) {
        return driver.ask(new OperatorRequest.AddSlots(IntStream.rangeClosed(first, last).toArray()));
    }

    NodeView myself() {
        return driver.view().myself();
    }

    /** Whether all of so many nodes are known, none is suspected and the cluster serves. */
    boolean isHealthyWith(int nodes) {
        return driver.view().ok() && driver.view().nodes().size() == nodes && driver.view().nodes().stream()
                .noneMatch(node -> node.is(NodeFlag.PFAIL) || node.is(NodeFlag.FAIL) || node.is(NodeFlag.HANDSHAKE));
    }

    @Override
    public void close() {
        driver.stop();
    }
}
