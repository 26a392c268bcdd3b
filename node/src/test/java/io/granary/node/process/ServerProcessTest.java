package io.granary.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> calls = new ArrayList<>();

    private int run(Server.Factory factory, String... arguments) {
        PrintStream output = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new ServerProcess(factory, output, errors).run(arguments);
    }

    /** A server whose clients ask it to stop as soon as it runs. */
    private Server stopping(Configuration configuration, NodeLog log, Shutdown shutdown) {
        return new Server() {
            @Override
            public void start(Runnable listening) {
                calls.add("start with pid file " + Files.exists(folder.resolve("pid")));
                listening.run();
                shutdown.request(Shutdown.Wish.of("", () -> { }));
            }

            @Override
            public boolean conclude(Shutdown.Wish wish) {
                calls.add("conclude");
                return true;
            }

            @Override
            public void stop() {
                calls.add("stop with pid file " + Files.exists(folder.resolve("pid")));
            }
        };
    }

    /** A server in which a fault shows itself as soon as it runs. */
    private Server failing(Configuration configuration, NodeLog log, Shutdown shutdown) {
        return new Server() {
            @Override
            public void start(Runnable listening) {
                calls.add("start");
                listening.run();
                shutdown.fail();
            }

            @Override
            public boolean conclude(Shutdown.Wish wish) {
                calls.add("conclude");
                return true;
            }

            @Override
            public void stop() {
                calls.add("stop");
            }
        };
    }

    private static Server busy(Configuration configuration, NodeLog log, Shutdown shutdown) throws StartFailure {
        throw StartFailure.cannotListen("*", 7001, "TCP",
                new BindException("bind(..) failed with error(-98): Address already in use"));
    }

    @Test
    void aNodeIsStartedAndStoppedWithTheWordsThatScriptsWaitFor() {
        int status = run(this::stopping, "--dir", folder.toString(), "--pidfile", "pid");
        assertThat(status).isZero();
        assertThat(calls).containsExactly("start with pid file false", "conclude", "stop with pid file true");
        assertThat(folder.resolve("pid")).doesNotExist();
        assertThat(out.toString(StandardCharsets.UTF_8)).containsSubsequence(
                "oO0OoO0OoO0Oo Granary is starting oO0OoO0OoO0Oo", "Configuration loaded",
                "Running mode=standalone, port=6379.", "Server initialized", "Ready to accept connections tcp",
                "User requested shutdown...", "Removing the pid file.",
                "Granary is now ready to exit, bye bye...");
    }

    @Test
    void afterAFaultTheProcessFailsWithoutStoppingInOrder() {
        int status = run(this::failing, "--dir", folder.toString(), "--pidfile", "pid");
        assertThat(status).isEqualTo(1);
        assertThat(calls).containsExactly("start");
        assertThat(folder.resolve("pid")).doesNotExist();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("Granary ends after an internal fault.")
                .doesNotContain("bye bye");
    }

    @Test
    void theBannerNamesPortAndPid() {
        run(this::stopping, "--always-show-logo", "yes", "--port", "7001", "--cluster-enabled", "yes");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("Running in cluster mode", "Port: 7001\n", "PID: " + ProcessHandle.current().pid() + "\n");
    }

    @Test
    void aBusyPortEndsTheProcessAndLeavesTheOthersPidFile() throws IOException {
        Files.writeString(folder.resolve("pid"), "4711\n");
        int status = run(ServerProcessTest::busy, "--port", "7001", "--dir", folder.toString(), "--pidfile", "pid");
        assertThat(status).isEqualTo(1);
        assertThat(folder.resolve("pid")).hasContent("4711");
        assertThat(out.toString(StandardCharsets.UTF_8)).containsSubsequence(
                "# Warning: Could not create server TCP listening socket *:7001: bind: Address already in use\n",
                "# Failed listening on port 7001 (TCP), aborting.\n");
    }

    @Test
    void whatTheSystemSaysOfAnAddressIsToldWithoutTheNameOfTheCall() {
        BindException cause = new BindException("bind(..) failed with error(-99): Cannot assign requested address");
        assertThat(StartFailure.cannotListen("1.2.3.4", 7001, "cluster", cause).lines()).containsExactly(
                "Warning: Could not create server TCP listening socket 1.2.3.4:7001: bind: Cannot assign requested address",
                "Failed listening on port 7001 (cluster), aborting.");
    }

    @Test
    void aBrokenConfigurationIsReportedToTheStandardError() throws IOException {
        Path file = Files.writeString(folder.resolve("n.conf"), "port x");
        assertThat(run(this::stopping, file.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\n");
        assertThat(calls).isEmpty();
    }

    @Test
    void aMissingFileIsReportedInTheLog() {
        assertThat(run(this::stopping, "/nowhere.conf")).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(" # Fatal error, can't open config file '/nowhere.conf': No such file or directory\n");
    }

    @Test
    void questionsAreAnsweredWithoutANode() {
        assertThat(run(this::stopping, "--version")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("Granary server v=");
        assertThat(run(this::stopping, "-h")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("Usage: granary-server ");
        assertThat(run(this::stopping, "a.conf", "--sentinel")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("cannot be a Sentinel");
        run(this::stopping, "--check-system");
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("[slow-clocksource]...", "[open-files]...");
        assertThat(calls).isEmpty();
    }

    @Test
    void whatHasNoEffectIsSaid() {
        run(this::stopping, "--appendfsync", "always");
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("# Accepted, but without effect: appendfsync\n");
    }
}
