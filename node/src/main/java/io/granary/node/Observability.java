package io.granary.node;

import io.granary.gossip.ClusterInfoText;
import io.granary.node.client.ClientRegistry;
import io.granary.node.client.EventLoops;
import io.granary.node.cluster.Cluster;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.DispatchServices;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.fault.Faults;
import io.granary.node.info.ClientsSection;
import io.granary.node.info.CommandSections;
import io.granary.node.info.CpuSection;
import io.granary.node.info.Info;
import io.granary.node.info.InfoSection;
import io.granary.node.info.MemoryFigures;
import io.granary.node.info.MemorySection;
import io.granary.node.info.NodeFacts;
import io.granary.node.info.PersistenceSection;
import io.granary.node.info.ReplicationSection;
import io.granary.node.info.ServerSection;
import io.granary.node.info.SmallSections;
import io.granary.node.info.StatsSection;
import io.granary.node.metrics.LatencyEvents;
import io.granary.node.metrics.Rates;
import io.granary.node.metrics.SlotStatistics;
import io.granary.node.metrics.SlowLog;
import io.granary.node.metrics.Statistics;
import io.granary.node.metrics.exposition.MetricsPage;
import io.granary.node.migration.SlotMigrations;
import io.granary.node.replication.Replication;
import io.granary.node.replication.replicas.PlannedFailover;
import io.granary.node.replication.replicas.Replicas;
import io.granary.node.snapshot.Persistence;
import io.granary.slots.command.CommandTable;
import io.granary.slots.keyspace.Keyspace;
import java.util.List;
import java.util.Map;

/**
 * What a node tells those who watch it: what its event loops have counted, INFO with a row for each section, and the same as
 * a page for Prometheus. It changes nothing of the node but where counting begins: CONFIG RESETSTAT.
 */
final class Observability {

    /** What is watched of a node: its parts, all made before. */
    record Parts(
            Configuration configuration, Clock clock, NodeFacts facts, NodeCondition condition, Faults faults,
            Storage storage, ClientRegistry registry, Cluster cluster, Persistence persistence, Replication replication,
            Replicas replicas, PlannedFailover failover, SlotMigrations migrations, DispatchServices services,
            EventLoops loops, Ending ending, CommandTable<NodeCall> table, SlowLog slowLog, LatencyEvents latency) {}

    private final Parts node;
    private final Statistics statistics;
    private final SlotStatistics slotStatistics;
    private final Rates rates;
    private final MemoryFigures memory;
    private final Info info;
    private final MetricsPage page;

    Observability(Parts node) {
        this.node = node;
        statistics = new Statistics(node.loops().statistics());
        slotStatistics = new SlotStatistics(node.loops().slotCounts());
        rates = new Rates(statistics);
        Storage storage = node.storage();
        memory = new MemoryFigures(
                storage.keyspace(), storage.memory(), node.registry(), storage.history(),
                node.configuration().number("repl-backlog-size"), rates);
        info = new Info(sections());
        page = new MetricsPage(info, this::clusterInfo, node.table(), statistics, node.slowLog(), node.latency(),
                node.configuration());
    }

    private List<InfoSection> sections() {
        Configuration configuration = node.configuration();
        Keyspace keyspace = node.storage().keyspace();
        CommandSections commands =
                new CommandSections(node::table, statistics, configuration.text("latency-tracking-info-percentiles"));
        return List.of(
                new ServerSection(node.facts(), configuration, node.clock(), node.ending()::waitsForMs),
                new ClientsSection(
                        node.registry(), node.condition(), configuration.number("maxclients"), this::clusterLinks),
                new MemorySection(
                        memory, configuration.number("maxmemory"), configuration.choice("maxmemory-policy"),
                        keyspace.stats()),
                new PersistenceSection(node.persistence(), node.clock()),
                new StatsSection(
                        statistics, rates, keyspace.stats(), node.registry(), node.replicas(),
                        node.replication()::streamErrors, node.services().ownExpiries()::size, node.faults()),
                new ReplicationSection(
                        node.replication(), node.replicas(), node.failover(), configuration.number("repl-backlog-size")),
                new CpuSection(),
                new SmallSections.Modules(),
                commands.calls(),
                commands.errors(),
                commands.latencies(),
                new SmallSections.Cluster(node.facts().clustered()),
                new SmallSections.Databases(keyspace, node.storage().expiry()),
                new SmallSections.Debug(statistics),
                new SmallSections.Lease(node.services().lease()),
                node.migrations().section(),
                new SmallSections.Jvm());
    }

    private int clusterLinks() {
        return !node.cluster().enabled() ? 0 : node.cluster().linkBuffers().pendingBytes().size();
    }

    private Map<String, String> clusterInfo() {
        return !node.cluster().enabled() ? Map.of()
                : ClusterInfoText.fields(node.cluster().view(), node.cluster().linkBuffers().limitExceeded());
    }

    Info info() {
        return info;
    }

    /** What Prometheus reads, made anew each time. */
    MetricsPage page() {
        return page;
    }

    Statistics statistics() {
        return statistics;
    }

    SlotStatistics slotStatistics() {
        return slotStatistics;
    }

    Rates rates() {
        return rates;
    }

    MemoryFigures memory() {
        return memory;
    }

    /** Begins to count anew: CONFIG RESETSTAT. */
    void reset() {
        statistics.reset();
        node.storage().keyspace().stats().reset();
        node.registry().resetCounts();
        node.replicas().counts().reset();
        node.replication().forgetStreamErrors();
        slotStatistics.forgetAll();
        node.persistence().saves().resetCount();
    }
}
