package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.flag;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.of;
import static io.granary.node.config.Directive.optionalText;
import static io.granary.node.config.Directive.text;

import java.util.List;

/** The directives about the process as a whole. */
final class GeneralDirectives {
    static final List<Directive> TABLE = List.of(
            flag("daemonize", false,
                    "Runs in the background; obeyed by bin/granary-server, which starts the process detached.")
                    .fixed().effective(),
            choice("supervised", "no",
                    "Tells a service manager when the node is ready and when it stops.", "upstart", "systemd", "auto", "no")
                    .fixed().effective(),
            optionalText("pidfile", "The file that holds the process number while the node runs.").fixed().effective(),
            number("databases", 1, Integer.MAX_VALUE, 16,
                    "Databases of a node outside a cluster; inside there is one.").fixed().effective(),
            flag("always-show-logo", false, "Prints the banner also where the log is not a terminal.").fixed().effective(),
            flag("set-proc-title", true, "Names the process after its role; a JVM cannot rename its process.").fixed(),
            of("proc-title-template", FreeText.any(TextRule.TITLE_TEMPLATE),
                    "{title} {listen-addr} {server-mode}",
                    "How the process would be named."),
            of("hz", new ClampedNumber(WholeNumber.between(0, Integer.MAX_VALUE), 1, 500), "10",
                    "Rounds of background work in a second.").effective(),
            flag("dynamic-hz", true, "Raises hz with the number of clients."),
            number("shutdown-timeout", 0, Integer.MAX_VALUE, 10,
                    "Seconds that a shutdown waits for replicas that lag behind.").effective(),
            of("shutdown-on-sigint", new ShutdownOptions(), "default",
                    "What SIGINT does: the options of SHUTDOWN.").effective(),
            of("shutdown-on-sigterm", new ShutdownOptions(), "default",
                    "What SIGTERM does: the options of SHUTDOWN.").effective(),
            choice("enable-protected-configs", "no",
                    "Who may change dir and dbfilename by CONFIG SET.", "no", "yes", "local").fixed().effective(),
            choice("enable-debug-command", "no", "Who may run DEBUG.", "no", "yes", "local").fixed().effective(),
            choice("enable-module-command", "no", "Who may load modules; there are none.", "no", "yes", "local").fixed(),
            text("locale-collate", "", "The order of texts in SORT ALPHA."),
            text("ignore-warnings", "", "Warnings of the start that do not stop it."),
            flag("crash-log-enabled", true, "Writes a report when the process crashes; the JVM writes its own."),
            flag("crash-memcheck-enabled", true, "Tests the memory after a crash."),
            flag("use-exit-on-panic", false, "Ends the process without a core dump on an internal error.").hidden(),
            flag("disable-thp", true, "Turns huge pages off for the process.").fixed(),
            flag("jemalloc-bg-thread", true, "Returns memory to the system in the background; there is no jemalloc here."),
            choice("oom-score-adj", "no",
                    "Tells the kernel whom to kill first when memory runs out.", "no", "yes", "relative=yes", "absolute"),
            of("oom-score-adj-values", new OomScores(), "0 200 800", "The scores for oom-score-adj."),
            of("server-cpulist", FreeText.OPTIONAL, "",
                    "The cores of the threads that serve clients.").fixed().alias("server_cpulist"),
            of("bio-cpulist", FreeText.OPTIONAL, "", "The cores of background threads.").fixed().alias("bio_cpulist"),
            of("aof-rewrite-cpulist", FreeText.OPTIONAL, "",
                    "The cores that rewrite the append-only file.").fixed().alias("aof_rewrite_cpulist"),
            of("bgsave-cpulist", FreeText.OPTIONAL, "", "The cores that write snapshots.").fixed().alias("bgsave_cpulist"),
            flag("io-threads-do-reads", false, "Reads requests in the io-threads; they always do.").fixed(),
            number("watchdog-period", 0, Integer.MAX_VALUE, 0,
                    "Milliseconds after which a stuck event loop is reported.").hidden(),
            choice("propagation-error-behavior", "ignore",
                    "What a command from the log that fails does to the node.", "ignore", "panic", "panic-on-replicas"),
            number("busy-reply-threshold", 0, Long.MAX_VALUE, 5000,
                    "Milliseconds after which a script lets others be answered with BUSY.").alias("lua-time-limit"));

    private GeneralDirectives() { }
}
