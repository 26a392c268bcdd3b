package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.slots.transcript.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Behind the OK to CLIENT PAUSE nothing is written, though several event loops were writing at that moment. */
class PauseBarrierTest {

    private static final int WRITERS = 4;
    private static final int ROUNDS = 20;

    @Test
    void nothingChangesOnceThePauseIsConfirmed() throws Exception {
        try (TestNode node = TestNode.start("--cluster-enabled", "yes", "--io-threads", "3");
                Connection operator = node.connect(); ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
            operator.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await().until(() -> operator.ask("CLUSTER", "INFO").text().contains("cluster_state:ok"));
            AtomicBoolean ended = new AtomicBoolean();
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                String key = "counter:" + i;
                keys.add(key);
                operator.ask("SET", key, "0");
                threads.submit(() -> write(node, key, ended));
            }
            try {
                for (int i = 0; i < ROUNDS; i++) {
                    keys.forEach(key -> awaitProgress(operator, key));
                    assertThat(operator.ask("CLIENT", "PAUSE", "60000", "WRITE").text()).isEqualTo("OK");
                    List<String> first = values(operator, keys);
                    assertThat(values(operator, keys)).isEqualTo(first);
                    operator.ask("CLIENT", "UNPAUSE");
                }
            } finally {
                operator.ask("CLIENT", "UNPAUSE");
                ended.set(true);
            }
        }
    }

    /** One in four of the increments comes in a transaction, which takes its locks itself. */
    private static void write(TestNode node, String key, AtomicBoolean ended) {
        String increment = "INCR " + key + "\r\n";
        try (Wire wire = Wire.to(node)) {
            while (!ended.get()) {
                wire.send(increment.repeat(3) + "MULTI\r\n" + increment + "EXEC\r\n");
                for (int i = 0; i < 6; i++) {
                    wire.frame();
                }
            }
        }
    }

    private static void awaitProgress(Connection operator, String key) {
        String before = operator.ask("GET", key).text();
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2))
                .until(() -> !operator.ask("GET", key).text().equals(before));
    }

    private static List<String> values(Connection operator, List<String> keys) {
        return keys.stream().map(key -> operator.ask("GET", key).text()).toList();
    }
}
