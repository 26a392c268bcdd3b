package io.granary.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signals sent to a process of its own that runs a server without sockets. */
@Timeout(60)
class ProcessSignalsTest {
    /** The process: its server takes forever to stop if it is told so. */
    static final class Main {
        private Main() { }

        public static void main(String[] arguments) {
            boolean stubborn = arguments[0].equals("stubborn");
            Server.Factory factory = (Configuration _, NodeLog log, Shutdown _) -> new Server() {
                @Override
                public void start(Runnable listening) {
                    listening.run();
                }

                @Override
                public boolean conclude(Shutdown.Wish wish) {
                    return true;
                }

                @Override
                public void stop() {
                    log.notice("Stopping");
                    if (stubborn) {
                        awaitForever();
                    }
                }
            };
            System.exit(new ServerProcess(factory, System.out, System.err).run("--port", "1"));
        }

        private static void awaitForever() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private final List<String> lines = new ArrayList<>();

    private static Process start(String how) throws IOException {
        return new ProcessBuilder(command(how)).redirectErrorStream(true).start();
    }

    private static List<String> command(String how) {
        return List.of(ProcessHandle.current().info().command().orElseThrow(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), how);
    }

    private void readUntil(BufferedReader output, String words) throws IOException {
        while (lines.isEmpty() || !lines.getLast().contains(words)) {
            String line = output.readLine();
            assertThat(line).as("%s after %s", words, lines).isNotNull();
            lines.add(line);
        }
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start().waitFor();
    }

    @Test
    void termEndsTheProcessInOrderAndHangUpsDoNot() throws IOException, InterruptedException {
        Process process = start("willing");
        try (BufferedReader output = process.inputReader()) {
            readUntil(output, "Ready to accept connections tcp");
            signal(process, "HUP");
            signal(process, "USR1");
            signal(process, "TERM");
            readUntil(output, "bye bye...");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(lines).anyMatch(line ->
                    line.matches("\\d+:signal-handler \\(\\d+\\) Received SIGTERM scheduling shutdown\\.\\.\\."));
        } finally {
            process.destroyForcibly();
        }
    }

    /** As a shell starts what a script puts in the background. */
    @Test
    void anInterruptThatWasIgnoredAtTheStartEndsIt() throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("sh", "-c", "trap '' INT; exec \"$@\"", "sh"));
        words.addAll(command("willing"));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader()) {
            readUntil(output, "Ready to accept connections tcp");
            signal(process, "INT");
            readUntil(output, "bye bye...");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aSecondInterruptEndsItAtOnce() throws IOException, InterruptedException {
        Process process = start("stubborn");
        try (BufferedReader output = process.inputReader()) {
            readUntil(output, "Ready to accept connections tcp");
            signal(process, "INT");
            readUntil(output, "Stopping");
            signal(process, "INT");
            readUntil(output, "You insist... exiting now.");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
        } finally {
            process.destroyForcibly();
        }
    }
}
