package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.Main;
import io.granary.slots.transcript.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SHUTDOWN ends a node, if its options make sense. */
@Timeout(60)
class ShutdownTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {
        "SHUTDOWN", "SHUTDOWN NOSAVE", "shutdown nosave", "SHUTDOWN NOW NOSAVE FORCE", "SHUTDOWN FORCE NOW"})
    void itIsNotAnsweredAndNothingBehindItRuns(String request) {
        try (TestNode node = TestNode.start(); Wire client = Wire.to(node); Wire other = Wire.to(node)) {
            client.send("SET before 1\r\n" + request + "\r\nSET behind 1\r\n");
            assertThat(client.reply()).isEqualTo("OK");
            assertThat(client.isSilent(20)).isTrue();
            await().until(node::shutdownAsked);
            assertThat(other.ask("EXISTS", "before")).isEqualTo("(integer) 1");
            assertThat(other.ask("EXISTS", "behind")).isEqualTo("(integer) 0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHUTDOWN NOSUCH", "SHUTDOWN SAVE NOSAVE", "SHUTDOWN ABORT", "SHUTDOWN NOW ABORT"})
    void whatMakesNoSenseIsRefused(String request) {
        try (TestNode node = TestNode.start(); Wire client = Wire.to(node)) {
            client.send(request + "\r\n");
            assertThat(client.reply()).startsWith("(error) ERR ");
            assertThat(node.shutdownAsked()).isFalse();
        }
    }

    @Test
    void theProcessEndsWithItsNode() throws IOException, InterruptedException {
        int port = FreePorts.next();
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Main.class.getName(),
                "--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", folder.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader()) {
            String line = output.readLine();
            while (line != null && !line.contains("Ready to accept connections tcp")) {
                line = output.readLine();
            }
            assertThat(line).isNotNull();
            try (Wire client = Wire.to(port)) {
                assertThat(client.ask("SET", "a", "1")).isEqualTo("OK");
                client.request("SHUTDOWN", "NOSAVE");
                assertThat(client.rest()).isEmpty();
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(output.lines()).anyMatch(each -> each.contains("bye bye..."));
        } finally {
            process.destroyForcibly();
        }
    }
}
