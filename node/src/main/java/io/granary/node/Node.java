package io.granary.node;

import io.granary.gossip.NodeFlag;
import io.granary.node.client.ClientLimits;
import io.granary.node.client.ClientListener;
import io.granary.node.client.ClientRegistry;
import io.granary.node.client.ClientSession;
import io.granary.node.client.EventLoops;
import io.granary.node.client.PrimaryConnector;
import io.granary.node.client.Transport;
import io.granary.node.cluster.Cluster;
import io.granary.node.cluster.ClusterReplication;
import io.granary.node.cluster.SlotStatsCommand;
import io.granary.node.commands.Authentication;
import io.granary.node.commands.ClientCommands;
import io.granary.node.commands.ClusterModeCommands;
import io.granary.node.commands.ConnectionCommands;
import io.granary.node.commands.DebugCommand;
import io.granary.node.commands.DumpCommands;
import io.granary.node.commands.FunctionCommands;
import io.granary.node.commands.LatencyCommands;
import io.granary.node.commands.MemoryCommands;
import io.granary.node.commands.ServerCommands;
import io.granary.node.commands.SlowLogCommands;
import io.granary.node.commands.SnapshotCommands;
import io.granary.node.config.ConfigCommands;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.CallSettingsSource;
import io.granary.node.dispatch.DispatchServices;
import io.granary.node.dispatch.MemoryGuard;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.dispatch.PauseBarrier;
import io.granary.node.dispatch.Propagation;
import io.granary.node.dispatch.TransactionCommands;
import io.granary.node.dispatch.UnaskedRemovals;
import io.granary.node.fault.Faults;
import io.granary.node.formation.ClusterFormation;
import io.granary.node.info.NodeFacts;
import io.granary.node.log.NodeLog;
import io.granary.node.metrics.LatencyEvents;
import io.granary.node.metrics.SlotStatistics;
import io.granary.node.metrics.SlowLog;
import io.granary.node.metrics.http.Liveness;
import io.granary.node.metrics.http.MetricsPort;
import io.granary.node.metrics.http.MetricsRoutes;
import io.granary.node.metrics.http.Readiness;
import io.granary.node.migrate.MigrateCommand;
import io.granary.node.migrate.TransferServices;
import io.granary.node.migrate.Transfers;
import io.granary.node.migration.MigrationServices;
import io.granary.node.migration.SlotMigrations;
import io.granary.node.process.Server;
import io.granary.node.process.Shutdown;
import io.granary.node.process.StartFailure;
import io.granary.node.replication.Replication;
import io.granary.node.replication.replicas.PlannedFailover;
import io.granary.node.replication.replicas.ReplicaCommands;
import io.granary.node.replication.replicas.Replicas;
import io.granary.node.replication.replicas.RoleCommands;
import io.granary.node.snapshot.LoadedRdb;
import io.granary.node.snapshot.Persistence;
import io.granary.node.snapshot.SnapshotServices;
import io.granary.persistence.disk.FileDisk;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.granary.slots.commands.CommandCommands;
import io.granary.slots.commands.SlotCommands;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** A node: its parts, made and wired in one place, from top to bottom. Several live in one JVM without knowing another. */
public final class Node implements Server {

    /** How often replicas are looked after. */
    private static final long REPLICAS_PERIOD_MS = 100;

    /** How soon it is noticed that a slot has come or gone whose commands are counted. */
    private static final long SLOT_STATISTICS_PERIOD_MS = 100;

    /** How often connections are looked for that MIGRATE has no use for any more. */
    private static final long CONNECTIONS_PERIOD_MS = 1000;

    private final Configuration configuration;
    private final Clock clock;
    private final NodeFacts facts;
    private final NodeCondition condition = new NodeCondition();
    private final Faults faults;
    private final Storage storage;
    private final ClientRegistry registry;
    private final Cluster cluster;
    private final Persistence persistence;
    private final Replication replication;
    private final Replicas replicas;
    private final PlannedFailover failover;
    private final SlotMigrations migrations;
    private final DispatchServices services;
    private final EventLoops loops;
    private final Ending ending;
    private final NodeLog log;
    private final Shutdown shutdown;
    private final boolean clustered;
    private final SlowLog slowLog = new SlowLog();
    private final LatencyEvents latency = new LatencyEvents();
    private final ClusterFormation formation;
    private final ClusterReplication clusterReplication;
    private final Transfers transfers;
    private final SlotStatsCommand slotStats;
    private final CommandTable<NodeCall> table;
    private final Observability observability;
    private final Housekeeping housekeeping;
    private final ClientListener listener;
    private final MetricsPort metricsPort;

    /** {@code shutdown} is told when a client, or a fault of our own, ends the node. */
    public Node(Configuration configuration, NodeLog log, Clock clock, Shutdown shutdown) {
        this.configuration = configuration;
        this.log = log;
        this.clock = clock;
        this.shutdown = shutdown;
        clustered = configuration.flag("cluster-enabled").value();
        faults = new Faults(log, clock, shutdown, this::halt);
        SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
        Transport transport = Transport.of(configuration.choice("io-transport").value());
        facts = new NodeFacts(hex(random), hex(random), clock.unixMs(), ProcessHandle.current().pid(), "granary-server",
                configuration.file() == null ? "" : configuration.file().toString(), clustered, transport.word());

        storage = new Storage(
                configuration, new KeyHash(random.nextLong(), random.nextLong()), condition, facts.replicationId(),
                this::allocator);
        Keyspace keyspace = storage.keyspace();
        Propagation propagation = storage.propagation();
        MemoryGuard memoryGuard = new MemoryGuard(keyspace, clock, random.split(), condition, propagation, configuration);
        registry = new ClientRegistry(new ClientLimits(configuration), keyspace, clock, faults, log);
        memoryGuard.countClients(registry::bufferBytes);
        cluster = new Cluster(configuration, keyspace, propagation, new FileDisk(), random.split(), clock,
                fault -> faults.fatal("the cluster's state machine", fault), log);
        formation = new ClusterFormation(cluster, () -> keyspace.size(0) != 0, configuration, clock, log);

        SnapshotServices snapshotServices = new SnapshotServices(
                keyspace, this::allocator, memoryGuard::policy, clock, faults, this::commandsRun, configuration);
        persistence = new Persistence(
                snapshotServices, new FileDisk(), log, configuration, this::changes, storage::replicationPoint);
        persistence.saves().onRefusal(condition::unsaved);

        Supplier<String> names = names(random.split());
        PauseBarrier barrier = new PauseBarrier(keyspace);
        PrimaryConnector connector = new PrimaryConnector(this::loops, registry, clock);
        replication = new Replication(
                storage.history(), keyspace, condition, connector, persistence.loading(), names, clock, log, configuration);
        replicas = new Replicas(
                storage.history(), persistence.snapshots(), keyspace, condition, names, clock, log, this::allocator,
                configuration);
        failover = new PlannedFailover(replicas, replication, condition, barrier, clock, log);
        replication.dataset().onHistoryChange(replicas::disconnectAll);
        replication.onRoleChange(this::endWaits);

        transfers = new Transfers(new TransferServices(
                keyspace, condition, barrier, propagation,
                new UnaskedRemovals(propagation, configuration.flag("lazyfree-lazy-server-del")), replicas, cluster::view,
                configuration.flag("rdbcompression"), clock, faults));
        migrations = new SlotMigrations(new MigrationServices(
                cluster, cluster.lostSlots(), keyspace, propagation, persistence.snapshots(), replicas, condition, barrier,
                memoryGuard, connector, this::allocator, names, faults, clock, log, configuration));

        slotStats = new SlotStatsCommand(cluster, keyspace, this::slotStatistics);
        table = new CommandTable<>(families(), configuration.renamedCommands());
        services = new DispatchServices(
                keyspace, table, new CallSettingsSource(memoryGuard, condition, configuration), clock, condition, barrier,
                propagation, memoryGuard, registry.monitors(), slowLog, latency, cluster::view, faults, cluster.endpoints(),
                configuration);
        clusterReplication = new ClusterReplication(
                replication, replicas, persistence.loading(), condition, barrier, services.lease(), clock);
        loops = new EventLoops(configuration.number("io-threads").intValue(), transport, services, clock, random::split);
        ending = new Ending(condition, barrier, persistence, shutdown, clock, log, configuration, replicas);
        observability = new Observability(new Observability.Parts(
                configuration, clock, facts, condition, faults, storage, registry, cluster, persistence, replication,
                replicas, failover, migrations, services, loops, ending, table, slowLog, latency));
        housekeeping = new Housekeeping(
                clock, keyspace, storage.expiry(), condition, propagation, memoryGuard, registry, persistence.saves(),
                observability.rates(), loops, services.ownExpiries(), configuration, faults);
        listener = new ClientListener(loops, registry, clock, log, configuration);
        metricsPort = metricsPort();
    }

    /** Names that nobody else has; may be asked for by any thread. */
    private static Supplier<String> names(RandomGenerator random) {
        return () -> {
            synchronized (random) {
                return hex(random);
            }
        };
    }

    private static String hex(RandomGenerator random) {
        StringBuilder digits = new StringBuilder(40);
        while (digits.length() < 40) {
            digits.append(Character.forDigit(random.nextInt(16), 16));
        }
        return digits.toString();
    }

    private List<List<? extends Command<? super NodeCall>>> families() {
        List<List<? extends Command<? super NodeCall>>> families = new ArrayList<>();
        families.addAll(SlotCommands.FAMILIES);
        families.add(TransactionCommands.TABLE);
        families.add(CommandCommands.rows(this::table));
        families.add(new ConnectionCommands(
                new Authentication(configuration.text("requirepass")), condition::replica).table());
        families.add(new ClientCommands(registry, condition).table());
        families.add(new ConfigCommands(
                configuration, () -> observability.reset(), Node::isLocal, condition::awaitsData).table());
        families.add(new ServerCommands(() -> observability.info(), clock, shutdown).table());
        families.add(new SlowLogCommands(slowLog).table());
        families.add(new LatencyCommands(
                latency, configuration.number("latency-monitor-threshold"), () -> observability.statistics(), this::table,
                clock).table());
        families.add(new MemoryCommands(storage.keyspace(), () -> observability.memory()).table());
        families.add(new SnapshotCommands(persistence.saves()).table());
        families.add(FunctionCommands.TABLE);
        families.add(new DumpCommands(configuration.flag("rdbcompression")).table());
        families.add(new MigrateCommand(transfers).table());
        families.add(new ReplicaCommands(replicas, replication, log).table());
        families.add(new RoleCommands(replicas, replication, failover, clustered, log).table());
        families.add(new DebugCommand(
                condition, configuration, persistence, replication.dataset()::changeId, cluster::drop, log).table());
        families.addAll(cluster.families());
        families.add(migrations.table());
        families.add(slotStats.table());
        families.add(ClusterModeCommands.TABLE);
        return families;
    }

    private MetricsPort metricsPort() {
        Readiness readiness = new Readiness(condition, replication, cluster::view, shutdown);
        return new MetricsPort(
                new MetricsRoutes(observability.page()::text, new Liveness(condition, loops), readiness, faults), log,
                configuration);
    }

    // ---- what parts ask for that are made before their answer is ----

    /** All commands, as this node knows them. */
    public CommandTable<NodeCall> table() {
        return table;
    }

    private ByteBufAllocator allocator() {
        return loops.allocator();
    }

    private long changes() {
        return observability.statistics().changes();
    }

    /** What is in memory may be wrong: it is neither changed nor saved any more. */
    private void halt() {
        condition.halt();
        if (persistence != null) {
            persistence.snapshots().abort();
        }
    }

    private long commandsRun() {
        return observability.statistics().commands();
    }

    private SlotStatistics slotStatistics() {
        return observability.slotStatistics();
    }

    private EventLoops loops() {
        return loops;
    }

    /** WAIT makes no sense on a replica. */
    private void endWaits() {
        if (replication.isReplica()) {
            replicas.acknowledgements().abandon(reply -> reply.error("UNBLOCKED force unblock from blocking operation,"
                    + " instance state changed (master -> replica?)"));
        }
    }

    private static boolean isLocal(io.granary.slots.command.SlotCall call) {
        return ((NodeCall) call).session().profile().isLocal();
    }

    /** The node's part in its cluster, for programs that run nodes inside themselves. */
    public Cluster cluster() {
        return cluster;
    }

    /** The node's part in replication. */
    public Replication replication() {
        return replication;
    }

    // ---- life ----

    @Override
    public void start(Runnable listening) throws StartFailure {
        condition.loading(persistence.loading().hasFile());
        followAsConfigured();
        joinCluster();
        listener.start();
        metricsPort.start();
        housekeeping.start();
        listening.run();
        load();
        clusterReplication.loaded();
        if (clustered) {
            migrations.start();
            every(SlotMigrations.PERIOD_MS, "moves of slots", migrations::tick);
        }
        cluster.claimSlotsOfKeys();
        condition.loading(false);
        every(REPLICAS_PERIOD_MS, "replication", replicas::tick);
        every(CONNECTIONS_PERIOD_MS, "MIGRATE's connections", transfers::closeIdle);
        if (clustered) {
            every(SLOT_STATISTICS_PERIOD_MS, "the slots' statistics", slotStats::look);
        }
        replication.start();
        formation.start();
    }

    private void followAsConfigured() {
        String primary = configuration.text("replicaof").value();
        if (!clustered && !primary.isEmpty()) {
            int space = primary.lastIndexOf(' ');
            replication.follow(primary.substring(0, space), Integer.parseInt(primary.substring(space + 1)));
        }
    }

    private void joinCluster() throws StartFailure {
        try {
            cluster.start(clusterReplication);
        } catch (IOException e) {
            throw new StartFailure(e.getMessage());
        }
    }

    /** Reads the node's own file, and goes on with the history that it is of. */
    private void load() throws StartFailure {
        boolean followsAnother = replication.isReplica() || clustered && cluster.view().myself().is(NodeFlag.REPLICA);
        persistence.loading().start(followsAnother, shutdown::isRequested);
        LoadedRdb loaded = persistence.loading().atStart();
        if (loaded != null && loaded.replication() != null) {
            replication.restore(loaded.replication());
        }
    }

    /** Does something now and then; a time that fails must not be the last one. */
    private void every(long periodMs, String what, Runnable task) {
        loops.every(periodMs, () -> {
            try {
                task.run();
            } catch (RuntimeException | Error fault) {
                faults.report(what, fault);
            }
        });
    }

    @Override
    public boolean conclude(Shutdown.Wish wish) {
        return ending.prepare(wish);
    }

    @Override
    public void stop() {
        listener.close();
        metricsPort.close();
        formation.close();
        cluster.close();
        migrations.close();
        transfers.close();
        replication.close();
        registry.all().forEach(ClientSession::close);
        persistence.close();
        loops.close();
        storage.close();
    }
}
