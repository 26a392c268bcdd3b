package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.slots.transcript.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** DEBUG DROP-CLUSTER-PACKET-FILTER: a node is deaf to one type of message until it is told to listen. */
@ExtendWith(Patience.class)
class DroppedMessagesTest {

    private static final String MEET = "2";

    @Test
    void aNodeThatDropsTheMessageMeetsNobodyUntilItListensAgain() {
        try (TestNode one = TestNode.start("--cluster-enabled", "yes", "--cluster-node-timeout", "1000");
                TestNode other = TestNode.start("--cluster-enabled", "yes", "--cluster-node-timeout", "1000");
                Connection client = one.connect();
                Connection deaf = other.connect()) {
            assertThat(deaf.ask("DEBUG", "DROP-CLUSTER-PACKET-FILTER", MEET).text()).isEqualTo("OK");
            client.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(other.port()));
            await().until(() -> other.log().contains("Dropping packet that matches debug drop filter"));
            assertThat(deaf.ask("CLUSTER", "NODES").text().lines()).hasSize(1);

            deaf.ask("DEBUG", "DROP-CLUSTER-PACKET-FILTER", "-1");
            // a wish says MEET once; when nobody has answered for the node timeout it is given up, and another is taken
            await().until(() -> {
                client.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(other.port()));
                return deaf.ask("CLUSTER", "NODES").text().lines().count() == 2;
            });
        }
    }
}
