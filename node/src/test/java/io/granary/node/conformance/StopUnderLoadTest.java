package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node ends while its clients are at it. The memory of its data is unmapped at the end, so a thread that still reads it
 * would take the whole process down.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StopUnderLoadTest {

    private static final int CLIENTS = 4;
    private static final int REPLIES_BEFORE = 200;
    private static final int SECONDS_MAX = 30;

    @ParameterizedTest
    @ValueSource(strings = {"no", "yes"})
    void nothingTouchesTheDataAfterItsEnd(String clustered) {
        for (int round = 0; round < 5; round++) {
            AtomicInteger replies = new AtomicInteger();
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            try (TestNode node = TestNode.startExpiring("--io-threads", "2", "--cluster-enabled", clustered)) {
                if (clustered.equals("yes")) {
                    try (Wire operator = Wire.to(node)) {
                        operator.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
                    }
                }
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(CompletableFuture.runAsync(() -> hammer(node, replies), Thread::startVirtualThread));
                }
                await().until(() -> replies.get() >= REPLIES_BEFORE);
            }
            clients.forEach(client -> client.orTimeout(SECONDS_MAX, TimeUnit.SECONDS).join());
            assertThat(replies.get()).isGreaterThanOrEqualTo(REPLIES_BEFORE);
        }
    }

    private static void hammer(TestNode node, AtomicInteger replies) {
        try (Wire wire = Wire.to(node)) {
            for (int i = 0; ; i++) {
                wire.request("SET", "key" + i % 1_000, "v".repeat(i % 3_000), "PX", "50").request("GET", "key" + i % 999)
                        .request("KEYS", "*9").request("CLUSTER", "INFO").request("INFO", "keyspace");
                if (i % 50 == 0) {
                    wire.request("FLUSHALL");
                }
                for (int j = 0; j < (i % 50 == 0 ? 6 : 5); j++) {
                    wire.frame();
                    replies.incrementAndGet();
                }
            }
        } catch (UncheckedIOException _) {
            // the node has ended
        }
    }
}
