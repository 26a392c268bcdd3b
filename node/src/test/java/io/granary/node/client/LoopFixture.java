package io.granary.node.client;

import io.granary.gossip.ClusterView;
import io.granary.node.Clock;
import io.granary.node.commands.Authentication;
import io.granary.node.commands.ClientCommands;
import io.granary.node.commands.ClusterModeCommands;
import io.granary.node.commands.ConnectionCommands;
import io.granary.node.commands.ServerCommands;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.CallSettingsSource;
import io.granary.node.dispatch.DispatchServices;
import io.granary.node.dispatch.Dispatcher;
import io.granary.node.dispatch.Endpoints;
import io.granary.node.dispatch.MemoryGuard;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.PauseBarrier;
import io.granary.node.dispatch.TransactionCommands;
import io.granary.node.dispatch.UnitLog;
import io.granary.node.dispatch.WriteLease;
import io.granary.node.fault.Faults;
import io.granary.node.log.NodeLog;
import io.granary.node.metrics.LatencyEvents;
import io.granary.node.metrics.SlowLog;
import io.granary.node.metrics.Statistics;
import io.granary.node.process.Shutdown;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.granary.slots.commands.SlotCommands;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/** One event loop's dispatcher and buffers without a loop or a socket: clients are channels that the test feeds. */
final class LoopFixture implements AutoCloseable {

    final Configuration configuration = Configuration.of();
    final Keyspace keyspace;
    final NodeCondition condition = new NodeCondition();
    final WriteLease lease;
    final Shutdown shutdown = new Shutdown();
    final ByteArrayOutputStream log = new ByteArrayOutputStream();
    final Faults faults = new Faults(NodeLog.open(configuration, log), Clock.SYSTEM, shutdown, condition::halt);
    final ClientRegistry registry;
    final CommandTable<NodeCall> table;
    final Statistics statistics;
    /** Knows to the byte what is allocated. */
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final LoopBuffers buffers = new LoopBuffers(allocator);
    private final Dispatcher dispatcher;
    private final List<EmbeddedChannel> channels = new ArrayList<>();

    /** Of a node that stands alone; {@code commands} are there beside the usual ones. */
    LoopFixture(List<Command<NodeCall>> commands) {
        this(commands, () -> null);
    }

    /** Of a node in a cluster if {@code view} gives one. */
    LoopFixture(List<Command<NodeCall>> commands, Supplier<ClusterView> view) {
        this(commands, view, _ -> UnitLog.NONE);
    }

    /** Of a node that writes down what changes. */
    LoopFixture(
            List<Command<NodeCall>> commands, Supplier<ClusterView> view, Function<Keyspace, ? extends UnitLog> unitLog) {
        boolean clustered = view.get() != null;
        keyspace = new Keyspace(NativeMemory.reserve(1 << 28, MemoryOptions.TEST), new KeyHash(1, 2),
                clustered ? 1 : 16, clustered, 16);
        UnitLog units = unitLog.apply(keyspace);
        registry = new ClientRegistry(new ClientLimits(configuration), keyspace, Clock.SYSTEM, faults, NodeLog.silent());
        List<List<? extends Command<? super NodeCall>>> families = new ArrayList<>(SlotCommands.FAMILIES);
        families.add(TransactionCommands.TABLE);
        families.add(new ConnectionCommands(new Authentication(configuration.text("requirepass")), () -> false).table());
        families.add(new ClientCommands(registry, condition).table());
        families.add(new ServerCommands(() -> null, Clock.SYSTEM, shutdown).table());
        families.add(ClusterModeCommands.TABLE);
        families.add(commands);
        table = new CommandTable<>(families);
        MemoryGuard guard = new MemoryGuard(
                keyspace, Clock.SYSTEM, new SplittableRandom(1), condition, units, configuration);
        DispatchServices services = new DispatchServices(
                keyspace, table, new CallSettingsSource(guard, condition, configuration), Clock.SYSTEM, condition,
                new PauseBarrier(keyspace), units, guard, registry.monitors(), new SlowLog(), new LatencyEvents(), view,
                faults, new Endpoints(configuration), configuration);
        lease = services.lease();
        dispatcher = new Dispatcher(services, buffers, new SplittableRandom(2));
        statistics = new Statistics(List.of(dispatcher.statistics()));
    }

    /** A client that has just connected. */
    Peer connect() {
        ClientSession session = new ClientSession(
                registry.nextId(), registry, dispatcher, buffers,
                new ClientProfile("127.0.0.1:1", "127.0.0.1:2", InetAddress.getLoopbackAddress(), 3, 0), true);
        EmbeddedChannel channel = new EmbeddedChannel(false, false);
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(session);
        try {
            channel.register();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        channels.add(channel);
        return new Peer(session, channel);
    }

    /** A client's end of its connection. */
    record Peer(ClientSession session, EmbeddedChannel channel) {

        /** Sends bytes, one a character, as long as the connection is open, and gives what comes back. */
        String send(String text) {
            StringBuilder received = new StringBuilder();
            for (int at = 0; at < text.length() && channel.isOpen(); at += LoopBuffers.READ_BYTES) {
                String part = text.substring(at, Math.min(text.length(), at + LoopBuffers.READ_BYTES));
                channel.writeInbound(Unpooled.wrappedBuffer(part.getBytes(StandardCharsets.ISO_8859_1)));
                received.append(received());
            }
            return received.toString();
        }

        /** What has come since the last look. */
        String received() {
            channel.runPendingTasks();
            StringBuilder text = new StringBuilder();
            for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
                text.append(part.toString(StandardCharsets.ISO_8859_1));
                part.release();
            }
            return text.toString();
        }
    }

    @Override
    public void close() {
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
        buffers.close();
        keyspace.close();
    }
}
