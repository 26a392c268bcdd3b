package io.granary.node.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.conformance.TestNode;
import io.granary.node.conformance.Wire;
import io.granary.slots.Slot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Transactions that hold the locks of some slots while their commands look into others must not wait for each other in a
 * circle.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a node that is stuck cannot be stopped either
class TransactionDeadlockTest {

    private static final int ROUNDS = 300;
    private static final int SECONDS_MAX = 60;

    private static String slotOf(String key) {
        return Integer.toString(Slot.of(key.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Lets two clients, each on an event loop of its own, run their requests again and again. */
    private static void runBoth(TestNode node, List<String[]> one, List<String[]> other) {
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (List<String[]> requests : List.of(one, other)) {
            clients.add(CompletableFuture.runAsync(() -> {
                try (Wire client = Wire.to(node)) {
                    for (int i = 0; i < ROUNDS; i++) {
                        requests.forEach(client::request);
                        requests.forEach(request -> assertThat(client.frame().isError()).as(request[0]).isFalse());
                    }
                }
            }, Thread::startVirtualThread));
        }
        clients.forEach(client -> client.orTimeout(SECONDS_MAX, TimeUnit.SECONDS).join());
    }

    private static List<String[]> transaction(String... inside) {
        List<String[]> requests = new ArrayList<>();
        requests.add(new String[] {"MULTI"});
        for (String command : inside) {
            requests.add(command.split(" "));
        }
        requests.add(new String[] {"EXEC"});
        return requests;
    }

    @Test
    void lookingIntoOtherSlots() {
        try (TestNode node = TestNode.start("--cluster-enabled", "yes", "--io-threads", "2");
                Wire operator = Wire.to(node)) {
            operator.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            operator.ask("CLUSTER", "BUMPEPOCH");
            while (!operator.ask("CLUSTER", "INFO").contains("cluster_state:ok")) {
                Thread.onSpinWait();
            }
            String low = IntStream.range(0, 1_000).mapToObj(i -> "k" + i)
                    .filter(key -> Integer.parseInt(slotOf(key)) % 1024 < 10).findFirst().orElseThrow();
            String high = IntStream.range(0, 1_000).mapToObj(i -> "k" + i)
                    .filter(key -> Integer.parseInt(slotOf(key)) % 1024 > 1_000).findFirst().orElseThrow();
            runBoth(node,
                    transaction("SET " + low + " x", "CLUSTER COUNTKEYSINSLOT " + slotOf(high),
                            "CLUSTER GETKEYSINSLOT " + slotOf(high) + " 1", "DEBUG SLEEP 0"),
                    transaction("SET " + high + " x", "CLUSTER COUNTKEYSINSLOT " + slotOf(low),
                            "CLUSTER GETKEYSINSLOT " + slotOf(low) + " 1", "DEBUG SLEEP 0"));
        }
    }

    @Test
    void configuringEvictionWhileSomebodyEvicts() {
        try (TestNode node = TestNode.start(
                "--io-threads", "2", "--maxmemory", "200kb", "--maxmemory-policy", "allkeys-lru")) {
            List<String[]> writes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                writes.add(new String[] {"SET", "key" + i, "v".repeat(50_000)});
            }
            runBoth(node, writes, transaction("SET k v", "CONFIG SET maxmemory-policy allkeys-lfu", "GET k",
                    "CONFIG SET maxmemory-policy allkeys-lru", "DBSIZE"));
        }
    }
}
