package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.Gossip;
import io.granary.gossip.GossipSettings;
import io.granary.gossip.Input;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.gossip.wire.BusDecoder;
import io.granary.gossip.wire.BusEncoder;
import io.granary.gossip.wire.BusMessage;
import io.granary.node.Clock;
import io.granary.node.config.BindAddresses.BindAddress;
import io.granary.node.log.NodeLog;
import io.granary.persistence.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The one who owns the gossip machine: feeds it the clock, the bus, the disk's answers and operators' requests, and carries
 * out what it says, in order, on the bus's thread. Everyone else reads {@link #view()}.
 *
 * <p>The machine's clock is unix time once, at the start, and the monotonic clock from then on: a jump of the wall clock
 * must not make nodes fail.
 */
public final class GossipDriver {

    private static final long TICK_MS = 100;
    private static final long APPLIED_POLL_MS = 1;
    private static final long APPLIED_WAIT_MS = 5000;
    private static final long START_TIMEOUT_S = 30;
    private static final Output.Answer STOPPED = new Output.Answer(0, null, "ERR the server is shutting down");

    private final GossipSettings initialSettings;
    private final NodesFileStore store;
    private final RandomGenerator random;
    private final Clock clock;
    private final Consumer<Throwable> broken;
    private final NodeLog log;
    private final long clockAnchorMs;
    private final Complaints complaints;
    private final ClusterBus bus;
    private final PublishedView shown;
    private final CompletableFuture<Void> firstSave = new CompletableFuture<>();
    private final Map<Long, CompletableFuture<Output.Answer>> questions = new HashMap<>();
    private Gossip machine;
    private ReplicationOrders replication;
    private Future<?> ticking;
    private Future<?> awaiting;
    private long lastQuestion;
    private long nodeTimeoutMs;
    private long droppedType = -1;

    /**
     * @param nodesFile the directive cluster-config-file, resolved against the data directory
     * @param dropKeys told of slots whose keys are to be deleted; may take its time
     * @param broken told once when the machine contradicts itself, which is this program's fault: the node has to stop
     */
    public GossipDriver(
            GossipSettings settings,
            Path nodesFile,
            Disk disk,
            RandomGenerator random,
            Clock clock,
            Consumer<int[]> dropKeys,
            Consumer<Throwable> broken,
            NodeLog log) {
        this.initialSettings = settings;
        this.nodeTimeoutMs = settings.nodeTimeoutMs();
        this.store = new NodesFileStore(disk, nodesFile, log);
        this.random = random;
        this.clock = clock;
        this.broken = broken;
        this.log = log;
        this.clockAnchorMs = clock.unixMs() - TimeUnit.NANOSECONDS.toMillis(clock.nanos());
        this.complaints = new Complaints(log, clock);
        this.bus = new ClusterBus(new Links(), complaints, log);
        this.shown = new PublishedView(dropKeys, this::later, clock);
    }

    /**
     * Takes the nodes file, listens on the bus's port and begins.
     *
     * @param busPort the one that is listened on, which need not be the one that others are told
     * @param ownReplication does what the machine decides about replication
     * @throws IOException with the line that the operator is to read: the node cannot start
     */
    public void start(List<BindAddress> addresses, int busPort, ReplicationOrders ownReplication) throws IOException {
        replication = ownReplication;
        boolean started = false;
        try {
            store.lock();
            machine = store.load(initialSettings, random);
            bus.bind(addresses, busPort);
            run(() -> {
                handle(new Input.Started());
                if (replication.startedBehind()) {
                    handle(new Input.Replicated(replication.status()));
                    handle(new Input.StartedBehind());
                    if (!machine.isBehind()) {
                        replication.serveBehind();
                    }
                }
                // not before: what a peer says is for a machine that knows itself
                bus.letIn();
                ticking = bus.thread().scheduleAtFixedRate(
                        () -> guarded(this::tick), TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
            });
            firstSave.get(START_TIMEOUT_S, TimeUnit.SECONDS);
            started = true;
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause().getMessage(), failure);
        } catch (TimeoutException failure) {
            throw new IOException("The cluster configuration file " + store.file() + " could not be saved in "
                    + START_TIMEOUT_S + " seconds", failure);
        } catch (InterruptedException failure) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while starting", failure);
        } finally {
            if (!started) {
                stop();
            }
        }
    }

    /** The cluster as it looks now; never null once started. */
    public ClusterView view() {
        return shown.view();
    }

    /** Waits until the cluster looks as wanted, at most for a time; how it looks then. Not for the bus's thread. */
    public ClusterView await(Predicate<ClusterView> wanted, long mostMs) throws InterruptedException {
        return shown.await(wanted, mostMs);
    }

    /** Asks the machine for a change, and waits for its answer. Not to be called on the bus's thread. */
    public Output.Answer ask(OperatorRequest request) {
        return order(request).join();
    }

    /** Asks the machine for a change; its answer comes on the bus's thread. */
    public CompletableFuture<Output.Answer> order(OperatorRequest request) {
        CompletableFuture<Output.Answer> answer = new CompletableFuture<>();
        run(() -> {
            if (machine == null) {
                answer.complete(STOPPED);
            } else {
                questions.put(++lastQuestion, answer);
                handle(new Input.Asked(lastQuestion, request));
            }
        });
        return answer;
    }

    /** Tells the machine of changed settings, and waits until they show. Not to be called on the bus's thread. */
    public void reconfigure(GossipSettings settings) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        run(() -> {
            try {
                nodeTimeoutMs = settings.nodeTimeoutMs();
                handle(new Input.Reconfigured(settings));
            } finally {
                done.complete(null);
            }
        });
        done.join();
    }

    /** {@code cluster-link-sendbuf-limit}: 0 for none. */
    public void sendLimit(long bytes) {
        run(() -> bus.sendLimit(bytes));
    }

    /** Acts as if messages of this type were lost on their way here, for tests; a negative one is none. */
    public void drop(long type) {
        run(() -> droppedType = type);
    }

    /** What the sockets know of the links, by number. */
    public LinkBuffers linkBuffers() {
        CompletableFuture<LinkBuffers> buffers = new CompletableFuture<>();
        run(() -> {
            Map<Long, Long> pending = new HashMap<>();
            bus.links().forEach(link -> pending.put(link.number(), link.pendingBytes()));
            buffers.complete(new LinkBuffers(Map.copyOf(pending), bus.sendLimitExceeded()));
        });
        return buffers.join();
    }

    /**
     * @param pendingBytes bytes that wait to be sent, by link
     * @param limitExceeded how many links were closed for having too many
     */
    public record LinkBuffers(Map<Long, Long> pendingBytes, long limitExceeded) {}

    /** Closes the bus, without a word to the others: to them it is as if the node had died. */
    public void stop() {
        if (bus.isStopped()) {
            return;
        }
        // first the machine, so that it wants nothing saved any more; then the disk, whose answers the thread still takes
        CompletableFuture.runAsync(this::forgetMachine, bus.thread()).join();
        store.close();
        bus.stop();
    }

    private void forgetMachine() {
        if (ticking != null) {
            ticking.cancel(false);
        }
        if (awaiting != null) {
            awaiting.cancel(false);
        }
        machine = null;
        questions.values().forEach(question -> question.complete(STOPPED));
        questions.clear();
    }

    private void run(Runnable task) {
        bus.thread().execute(() -> guarded(task));
    }

    private void later(Runnable task, long delayMs) {
        if (delayMs == 0) {
            run(task);
        } else {
            bus.thread().schedule(() -> guarded(task), delayMs, TimeUnit.MILLISECONDS);
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
            bus.flush();
        } catch (RuntimeException | Error fault) {
            log.warning("The cluster's state machine failed, this node has to stop", fault);
            firstSave.completeExceptionally(fault);
            broken.accept(fault);
        }
    }

    private void tick() {
        complaints.settle();
        handle(new Input.Replicated(replication.status()));
        handle(new Input.Tick());
        replication.patience(nodeTimeoutMs);
    }

    private long nowMs() {
        return clockAnchorMs + TimeUnit.NANOSECONDS.toMillis(clock.nanos());
    }

    private void handle(Input input) {
        if (machine != null) {
            machine.handle(nowMs(), input).forEach(this::carryOut);
        }
    }

    private void carryOut(Output output) {
        switch (output) {
            case Output.Connect(long link, String host, int busPort) -> bus.connect(link, host, busPort);
            case Output.Send(long link, BusMessage message) -> bus.send(link, BusEncoder.encode(message));
            case Output.Close(long link) -> bus.close(link);
            case Output.Save save -> store.save(save, this::saved);
            case Output.Publish(ClusterView view) -> shown.publish(view, replication);
            case Output.DropKeys(int[] slots) -> shown.drop(slots);
            case Output.Promote _ -> shown.promote(replication);
            case Output.Follow(NodeId _, String host, int port) -> replication.follow(host, port);
            case Output.PauseWrites(long forMs) -> replication.pauseWrites(forMs, this::paused);
            case Output.ResumeWrites _ -> replication.resumeWrites();
            case Output.AwaitOffset(long offset) -> awaitOffset(offset);
            case Output.Lease(long untilMs) -> lease(untilMs);
            case Output.ServeBehind _ -> replication.serveBehind();
            case Output.Answer answer -> questions.remove(answer.number()).complete(answer);
            case Output.Log(Output.Level level, String text) -> write(level, text);
        }
    }

    private void paused(long offset) {
        run(() -> handle(new Input.WritesPaused(offset)));
    }

    /** Looks often until the offset is reached, another is waited for, or no manual failover can last so long. */
    private void awaitOffset(long offset) {
        if (awaiting != null) {
            awaiting.cancel(false);
        }
        long endMs = nowMs() + APPLIED_WAIT_MS;
        awaiting = bus.thread().scheduleAtFixedRate(() -> guarded(() -> {
            if (machine == null || replication.status().offset() >= offset || nowMs() > endMs) {
                awaiting.cancel(false);
                handle(new Input.Replicated(replication.status()));
            }
        }), 0, APPLIED_POLL_MS, TimeUnit.MILLISECONDS);
    }

    /** From the beginning of that millisecond, so that no lease lasts longer here than the machine has said. */
    private void lease(long untilMs) {
        if (untilMs == Long.MAX_VALUE) {
            replication.leaseForEver();
        } else if (untilMs == Long.MIN_VALUE) {
            replication.leaseLost();
        } else {
            replication.lease(TimeUnit.MILLISECONDS.toNanos(untilMs - clockAnchorMs));
        }
    }

    private void saved(long generation, IOException failure) {
        run(() -> {
            if (failure == null) {
                firstSave.complete(null);
                handle(new Input.Saved(generation));
            } else {
                firstSave.completeExceptionally(failure);
                handle(new Input.SaveFailed(generation, failure.getMessage()));
            }
        });
    }

    private void write(Output.Level level, String text) {
        switch (level) {
            case DEBUG -> log.debug(text);
            case VERBOSE -> log.verbose(text);
            case NOTICE -> log.notice(text);
            case WARNING -> log.warning(text);
        }
    }

    /** What happens to the links, as inputs of the machine. */
    private final class Links implements ClusterBus.Listener {

        @Override
        public void accepted(BusLink link) {
            guarded(() -> handle(new Input.Accepted(link.number(), link.peerIp(), link.localIp())));
        }

        @Override
        public void connected(BusLink link) {
            guarded(() -> handle(new Input.LinkUp(link.number(), link.localIp())));
        }

        @Override
        public void lost(BusLink link, boolean refused) {
            // not at once: the machine may be in the middle of the send that lost the link
            run(() -> handle(new Input.LinkDown(link.number(), refused)));
        }

        @Override
        public void received(BusLink link, byte[] frame) {
            switch (BusDecoder.decode(ByteBuffer.wrap(frame))) {
                case BusDecoder.Message(BusMessage message) when message.type().code() == droppedType ->
                    log.warning("Dropping packet that matches debug drop filter");
                case BusDecoder.Message(BusMessage message) -> guarded(() -> {
                    handle(new Input.Received(link.number(), message));
                    identify(link, message.header().sender());
                });
                case BusDecoder.Ignored(int type) -> log.verbose("Received unknown packet type: " + type);
                case BusDecoder.Refused(String reason) ->
                    complaints.add("Dropped a frame of the cluster bus from " + link.peerIp() + ": " + reason);
            }
        }

        private void identify(BusLink link, NodeId sender) {
            if (!link.known() || !sender.equals(link.peer())) {
                NodeView node = view().node(sender);
                bus.identify(link, sender, node != null && !node.is(NodeFlag.HANDSHAKE));
            }
        }
    }
}
