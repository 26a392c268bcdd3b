package io.granary.node.metrics.exposition;

import io.granary.node.config.Configuration;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.info.Info;
import io.granary.node.metrics.LatencyEvents;
import io.granary.node.metrics.SlowLog;
import io.granary.node.metrics.Statistics;
import io.granary.slots.command.CommandTable;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The page that Prometheus reads: made anew each time it is asked for. */
public final class MetricsPage {

    private final Info info;
    private final Supplier<Map<String, String>> clusterInfo;
    private final SlowLog slowLog;
    private final LatencyEvents latency;
    private final CommandMetrics commands;
    private final ReplicationMetrics replication = new ReplicationMetrics();
    private final ConfigurationMetrics configuration;
    private final DatabaseMetrics databases;
    private final ExportedNames names = new ExportedNames();

    /** @param clusterInfo the fields of CLUSTER INFO, none where there is no cluster */
    public MetricsPage(
            Info info, Supplier<Map<String, String>> clusterInfo, CommandTable<NodeCall> table, Statistics statistics,
            SlowLog slowLog, LatencyEvents latency, Configuration configuration) {
        this.info = info;
        this.clusterInfo = clusterInfo;
        this.slowLog = slowLog;
        this.latency = latency;
        commands = new CommandMetrics(table, statistics);
        this.configuration = new ConfigurationMetrics(configuration);
        databases = new DatabaseMetrics(configuration);
    }

    /** The page as it is now. */
    public String text() {
        Figures figures = new Figures();
        info.tell(figures);
        figures.heading("CLUSTER INFO");
        clusterInfo.get().forEach(figures::field);
        Exposition page = new Exposition();
        identity(page, figures);
        figures.fields().forEach((field, value) -> plain(page, figures.section(field), field, value));
        replication.write(page, figures);
        databases.write(page, figures);
        commands.write(page, figures);
        slowness(page);
        configuration.write(page);
        return page.toString();
    }

    private static void identity(Exposition page, Figures figures) {
        page.gauge("redis_up", "1: this page was made by the node itself").add(1);
        page.gauge("redis_exporter_last_scrape_error", "0: no error can come between the node and its own page")
                .add(0, "err", "");
        Exposition.Family identity = page.gauge("redis_instance_info", "Who this node is, of INFO");
        String[] labels = {
            "role", "redis_version", "redis_build_id", "redis_mode", "os", "maxmemory_policy", "tcp_port", "run_id",
            "process_id", "master_replid"};
        String[] pairs = new String[2 * labels.length];
        for (int i = 0; i < labels.length; i++) {
            pairs[2 * i] = labels[i];
            pairs[2 * i + 1] = figures.text(labels[i]);
        }
        identity.add(1, pairs);
        page.gauge("granary_info", "The version of Granary, and of the Java that runs it").add(1,
                "version", figures.text("granary_version"), "java", figures.text("jvm_version"));
        long seconds = Long.parseLong(figures.text("server_time_usec")) / 1_000_000;
        page.gauge("redis_start_time_seconds", "Unix time of the start").add(
                seconds - Long.parseLong(figures.text("uptime_in_seconds")));
    }

    private void plain(Exposition page, String section, String field, String value) {
        ExportedNames.Name name = names.of(field);
        String number = Figures.number(value);
        if (name != null && number != null) {
            page.family(name.name(), name.kind(), field + " of " + section).add(name.value(number));
        }
    }

    private void slowness(Exposition page) {
        page.gauge("redis_slowlog_length", "SLOWLOG LEN").add(slowLog.size());
        List<SlowLog.Entry> newest = slowLog.newest(1);
        page.gauge("redis_slowlog_last_id", "The newest entry of the slow log")
                .add(newest.isEmpty() ? 0 : newest.getFirst().id());
        page.gauge("redis_last_slow_execution_duration_seconds", "How long the call of the newest entry took")
                .add(newest.isEmpty() ? 0 : newest.getFirst().micros() / 1e6);
        for (LatencyEvents.Event event : latency.all()) {
            LatencyEvents.Sample last = event.samples().getLast();
            page.gauge("redis_latency_spike_last", "When it was last slow, of LATENCY LATEST")
                    .add(last.unixSeconds(), "event_name", event.name());
            page.gauge("redis_latency_spike_duration_seconds", "How slow it was then, of LATENCY LATEST")
                    .add(last.latencyMs() / 1e3, "event_name", event.name());
        }
    }
}
