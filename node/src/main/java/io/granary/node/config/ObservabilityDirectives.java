package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.flag;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.of;
import static io.granary.node.config.Directive.port;
import static io.granary.node.config.Directive.text;

import java.util.List;

/** The directives about the log, the slow log, latency and events. */
final class ObservabilityDirectives {
    static final List<Directive> TABLE = List.of(
            choice("loglevel", "notice", "What is logged.", "debug", "verbose", "notice", "warning", "nothing").effective(),
            text("logfile", "",
                    "The file of the log, opened anew for each line; empty for the standard output.").fixed().effective(),
            choice("log-format", "redis", "How a line of the log looks; of Granary.", "redis", "json").fixed().effective(),
            flag("syslog-enabled", false, "Logs to the syslog too.").fixed(),
            text("syslog-ident", "redis", "The name of the node in the syslog.").fixed(),
            choice("syslog-facility", "local0",
                    "The facility of the syslog.",
                    "user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7").fixed(),
            flag("hide-user-data-from-log", false, "Keeps keys and values out of crash reports and logs."),
            number("slowlog-log-slower-than", -1, Long.MAX_VALUE, 10000,
                    "Microseconds from which a command is noted in the slow log; -1 for none.").effective(),
            number("slowlog-max-len", 0, Long.MAX_VALUE, 128, "Commands that the slow log remembers.").effective(),
            number("latency-monitor-threshold", 0, Long.MAX_VALUE, 0,
                    "Milliseconds from which an event is noted for LATENCY; 0 for none.").effective(),
            flag("latency-tracking", true, "Measures how long each command takes.").effective(),
            of("latency-tracking-info-percentiles", new Percentiles(), "50 99 99.9",
                    "The percentiles that INFO latencystats shows.").effective(),
            port("metrics-port", 0,
                    "The port of /metrics for Prometheus, /healthz and /readyz; 0 for none; of Granary.").effective(),
            of("metrics-bind", new BindAddresses(), "127.0.0.1 -::1",
                    "The local addresses of metrics-port; of Granary.").effective(),
            of("notify-keyspace-events", new EventClasses(), "", "The events of keys that are published."));

    private ObservabilityDirectives() { }
}
