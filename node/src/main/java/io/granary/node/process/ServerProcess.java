package io.granary.node.process;

import io.granary.node.Version;
import io.granary.node.config.ConfigFileException;
import io.granary.node.config.Configuration;
import io.granary.node.config.ServerArguments;
import io.granary.node.log.NettyLog;
import io.granary.node.log.NodeLog;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The life of a process that is a node, from its arguments to its exit status, with the words of redis-server at each step:
 * scripts wait for them.
 */
public final class ServerProcess {
    private static final int FAILED = 1;

    private final Server.Factory factory;
    private final PrintStream out;
    private final PrintStream err;
    private final Shutdown shutdown = new Shutdown();

    public ServerProcess(Server.Factory factory, PrintStream out, PrintStream err) {
        this.factory = factory;
        this.out = out;
        this.err = err;
    }

    /** Runs until the node has ended; returns the exit status. */
    public int run(String... arguments) {
        OptionalInt answered = new ImmediateAnswer(out, err).to(arguments);
        if (answered.isPresent()) {
            return answered.getAsInt();
        }
        ServerArguments read = ServerArguments.of(arguments);
        Configuration configuration;
        try {
            configuration = Configuration.of(read, System.in);
        } catch (ConfigFileException refused) {
            report(refused);
            return FAILED;
        }
        NodeLog log = NodeLog.open(configuration, out);
        InternalLoggerFactory.setDefaultFactory(new NettyLog(log));
        return run(configuration, log, read.any());
    }

    private void report(ConfigFileException refused) {
        if (refused.unreadable()) {
            NodeLog.open(Configuration.initial(), out).warning(refused.getMessage());
        } else {
            err.print(refused.report(Version.REDIS));
            err.flush();
        }
    }

    private int run(Configuration configuration, NodeLog log, boolean configured) {
        boolean background = Boolean.getBoolean("granary.daemonized");
        greet(configuration, log, configured, background);
        ServiceManager manager = ServiceManager.of(configuration, System.getenv("NOTIFY_SOCKET"), log);
        log.role('M');
        showBanner(configuration, log);
        Server server;
        PidFile[] pidFile = new PidFile[1];
        try {
            server = factory.create(configuration, log, shutdown);
            server.start(() -> {
                // Not before: a second node that finds the ports taken must not put its number into the first one's file.
                pidFile[0] = PidFile.write(configuration, background, log);
                Signals.handle(configuration, log, shutdown, () -> Runtime.getRuntime().halt(FAILED));
                log.notice("Server initialized");
            });
        } catch (StartFailure failure) {
            for (String line : failure.lines()) {
                log.warning(line);
            }
            if (pidFile[0] != null) {
                pidFile[0].remove();
            }
            return FAILED;
        }
        announce(configuration, log);
        manager.ready();
        boolean orderly = awaitEnd(server, log);
        manager.stopping();
        if (orderly) {
            server.stop();
        }
        pidFile[0].remove();
        return farewell(orderly, log);
    }

    /** Waits until the server may end; returns false if it must, after a fault. */
    private boolean awaitEnd(Server server, NodeLog log) {
        for (Shutdown.Wish wish = shutdown.await(); wish != null; wish = shutdown.await()) {
            log.notice("User requested shutdown...");
            if (server.conclude(wish)) {
                return !shutdown.isFailed();
            }
            shutdown.refuse();
        }
        return false;
    }

    private static int farewell(boolean orderly, NodeLog log) {
        if (!orderly) {
            log.warning("Granary ends after an internal fault. Nothing was saved: what was in memory may be wrong.");
            return FAILED;
        }
        log.warning("Granary is now ready to exit, bye bye...");
        return 0;
    }

    private static void announce(Configuration configuration, NodeLog log) {
        if (configuration.number("port").value() != 0) {
            log.notice("Ready to accept connections tcp");
        }
        if (!configuration.text("unixsocket").isEmpty()) {
            log.notice("Ready to accept connections unix");
        }
    }

    private static void greet(Configuration configuration, NodeLog log, boolean configured, boolean background) {
        for (String warning : configuration.warnings()) {
            log.warning(warning);
        }
        log.notice("oO0OoO0OoO0Oo Granary is starting oO0OoO0OoO0Oo");
        log.notice("Granary version=" + Version.GRANARY + ", Redis version=" + Version.REDIS + ", bits=64, pid="
                + ProcessHandle.current().pid() + ", just started");
        if (configured) {
            log.notice("Configuration loaded");
        } else {
            log.warning("Warning: no config file specified, using the default config. In order to specify a config file use "
                    + "granary-server /path/to/redis.conf");
        }
        if (!configuration.withoutEffect().isEmpty()) {
            log.warning("Accepted, but without effect: " + String.join(", ", configuration.withoutEffect()));
        }
        if (configuration.flag("daemonize").value() && !background) {
            log.warning("A JVM cannot go to the background by itself; bin/granary-server starts it there");
        }
    }

    private static void showBanner(Configuration configuration, NodeLog log) {
        boolean terminal = !log.isFile() && isTerminal();
        if (terminal || configuration.flag("always-show-logo").value()) {
            log.raw(Banner.of(configuration));
        } else {
            log.notice(Banner.line(configuration));
        }
    }

    /** Whether the standard output is a terminal. {@code System.console()} would load a line editor to find out. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }
}
