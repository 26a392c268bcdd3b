package io.granary.node.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.node.conformance.TestNode;
import io.granary.node.conformance.Wire;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way to the system's sockets keeps the bytes of clients of the same event loop apart. */
class TransportTest {

    private static final int CLIENTS = 12;
    private static final int ROUNDS = 60;
    private static final int SECONDS_MAX = 60;

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "nio"})
    void clientsGetTheirOwnBytesBack(String word) {
        assumeTrue(switch (word) {
            case "epoll" -> Epoll.isAvailable();
            case "io_uring" -> IoUring.isAvailable();
            default -> true;
        }, word + " is not available");
        try (TestNode node = TestNode.start("--io-threads", "1", "--io-transport", word)) {
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                clients.add(CompletableFuture.runAsync(() -> talk(node, number), Thread::startVirtualThread));
            }
            clients.forEach(client -> client.orTimeout(SECONDS_MAX, TimeUnit.SECONDS).join());
        }
    }

    private static void talk(TestNode node, int number) {
        Random random = new Random(number);
        try (Wire wire = Wire.to(node)) {
            for (int round = 0; round < ROUNDS; round++) {
                List<String> messages = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    messages.add(Character.toString('a' + number).repeat(1 + random.nextInt(5_000)));
                }
                messages.forEach(message -> wire.request("ECHO", message));
                messages.forEach(message -> assertThat(wire.frame().text()).isEqualTo(message));
            }
        }
    }
}
