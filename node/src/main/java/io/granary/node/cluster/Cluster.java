package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.Clock;
import io.granary.node.config.BooleanSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.dispatch.Endpoints;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.UnitLog;
import io.granary.node.log.NodeLog;
import io.granary.persistence.disk.Disk;
import io.granary.slots.command.Command;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Keyspace;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** A node's part in a cluster, wired: the driver of the machine, and the CLUSTER commands. Without a cluster it is idle. */
public final class Cluster implements ClusterServices, AutoCloseable {

    private final ClusterSettings settings;
    private final boolean enabled;
    private final Endpoints endpoints;
    private final LongSetting sendLimit;
    private ClusterReplication replication;
    private final GossipDriver driver;
    private final LostSlots lostSlots;
    private final LoadedSlots loadedSlots;
    private final SetSlotCommand setSlot;

    /**
     * @param units the log that replicas read
     * @param broken told once when the machine contradicts itself: the node has to stop
     */
    public Cluster(
            Configuration configuration,
            Keyspace keyspace,
            UnitLog units,
            Disk disk,
            RandomGenerator random,
            Clock clock,
            Consumer<Throwable> broken,
            NodeLog log) {
        BooleanSetting clusterEnabled = configuration.flag("cluster-enabled");
        enabled = clusterEnabled.value();
        settings = new ClusterSettings(configuration);
        endpoints = new Endpoints(configuration);
        setSlot = new SetSlotCommand(this, log);
        sendLimit = configuration.number("cluster-link-sendbuf-limit");
        if (!enabled) {
            driver = null;
            lostSlots = null;
            loadedSlots = null;
            return;
        }
        lostSlots = new LostSlots(
                keyspace, this::view, units, configuration.flag("lazyfree-lazy-server-del"), log);
        loadedSlots = new LoadedSlots(keyspace, this, log);
        driver = new GossipDriver(
                settings.gossip(), settings.nodesFile(), disk, random, clock, lostSlots::drop, broken, log);
        settings.onChange(() -> driver.reconfigure(settings.gossip()));
        sendLimit.onChange(() -> driver.sendLimit(sendLimit.value()));
    }

    /** Deletes the keys of slots that are not this node's; null where there is no cluster. */
    public LostSlots lostSlots() {
        return lostSlots;
    }

    /** Acts as if messages of this type were lost on their way here, for tests; a negative one is none. */
    public void drop(long messageType) {
        if (enabled) {
            driver.drop(messageType);
        }
    }

    /** The families of the CLUSTER commands. */
    public List<List<Command<SlotCall>>> families() {
        return List.of(
                new ClusterReports(this).table(),
                new ClusterSlotsCommands(this, setSlot).table(),
                new ClusterMembershipCommands(this).table());
    }

    /**
     * Takes the nodes file, listens on the bus and begins to take part.
     *
     * @param ownReplication does what the machine decides about replication; closed with this
     * @throws IOException with the line that the operator is to read: the node cannot start
     */
    public void start(ClusterReplication ownReplication) throws IOException {
        replication = ownReplication;
        if (!enabled) {
            return;
        }
        if (settings.busPortIsTooHigh()) {
            throw new IOException("Redis port number too high. Cluster communication port is 10,000 port numbers higher "
                    + "than your Redis port. Your Redis port number must be 55535 or less.");
        }
        driver.start(settings.addresses(), settings.busPort(), ownReplication);
        driver.sendLimit(sendLimit.value());
    }

    /** Makes the slots of the keys that were loaded this node's own, as far as nobody else owns them. */
    public void claimSlotsOfKeys() {
        if (enabled) {
            loadedSlots.claim();
        }
    }

    @Override
    public boolean enabled() {
        return enabled;
    }

    /** The cluster as it looks now; null where there is none. */
    @Override
    public ClusterView view() {
        return enabled ? driver.view() : null;
    }

    @Override
    public ClusterView await(Predicate<ClusterView> wanted, long mostMs) throws InterruptedException {
        return driver.await(wanted, mostMs);
    }

    @Override
    public Output.Answer ask(OperatorRequest request) {
        return driver.ask(request);
    }

    @Override
    public CompletableFuture<Output.Answer> order(OperatorRequest request) {
        return driver.order(request);
    }

    @Override
    public SlotReplicas replicas() {
        return replication;
    }

    @Override
    public GossipDriver.LinkBuffers linkBuffers() {
        return driver.linkBuffers();
    }

    @Override
    public Endpoints endpoints() {
        return endpoints;
    }

    @Override
    public InetAddress caller(SlotCall call) {
        return ((NodeCall) call).session().profile().host();
    }

    @Override
    public long replicationOffset() {
        return replication.offset();
    }

    /** Leaves without a word, as if the node had died. */
    @Override
    public void close() {
        if (enabled) {
            driver.stop();
            setSlot.close();
            lostSlots.close();
        }
        if (replication != null) {
            replication.close();
        }
    }
}
