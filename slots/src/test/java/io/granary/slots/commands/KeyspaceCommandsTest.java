package io.granary.slots.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import io.granary.slots.transcript.InProcess;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyspaceCommandsTest {

    private static final long NOW_MS = 1_700_000_000_000L;
    private static final int KEYS = 1500;

    @ParameterizedTest
    @CsvSource({"false, 1", "false, 10", "false, 5000", "true, 1", "true, 10", "true, 300", "true, 5000"})
    void aScanFindsEveryKeyThatIsThereThroughout(boolean clustered, int count) {
        try (InProcess server = new InProcess(clustered, NOW_MS)) {
            for (int i = 0; i < KEYS; i++) {
                server.ask("SET key:" + i + " x");
            }
            Set<String> found = new HashSet<>();
            String cursor = "0";
            int added = 0;
            do {
                Frame reply = server.ask("SCAN " + cursor + " COUNT " + count);
                cursor = reply.items().getFirst().text();
                reply.items().getLast().items().forEach(key -> found.add(key.text()));
                // The table grows while it is scanned, and keys come and go in it.
                server.ask("SET other:" + added + " x");
                server.ask("DEL other:" + added / 2);
                added++;
            } while (!cursor.equals("0"));
            for (int i = 0; i < KEYS; i++) {
                assertThat(found).contains("key:" + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aScanOfKeysThatStayFindsEachOnce(boolean clustered) {
        try (InProcess server = new InProcess(clustered, NOW_MS)) {
            for (int i = 0; i < KEYS; i++) {
                server.ask("SET key:" + i + " x");
            }
            List<String> found = new ArrayList<>();
            String cursor = "0";
            do {
                Frame reply = server.ask("SCAN " + cursor);
                cursor = reply.items().getFirst().text();
                reply.items().getLast().items().forEach(key -> found.add(key.text()));
            } while (!cursor.equals("0"));
            assertThat(found).hasSize(KEYS).doesNotHaveDuplicates();
            assertThat(server.ask("KEYS *").items()).hasSize(KEYS).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyKeyComesUpAtRandomWithAFairChance(boolean clustered) {
        try (InProcess server = new InProcess(clustered, NOW_MS)) {
            for (int i = 0; i < 10; i++) {
                server.ask("SET " + i + " x");
            }
            int[] counts = new int[10];
            for (int i = 0; i < 2000; i++) {
                counts[Integer.parseInt(server.ask("RANDOMKEY").text())]++;
            }
            for (int count : counts) {
                assertThat(count).isBetween(100, 320);
            }
        }
    }
}
