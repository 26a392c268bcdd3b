package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.embedded.EmbeddedCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Clients that connect from different addresses, and what they are told; on Linux all of 127.0.0.0/8 is this machine. */
@EnabledOnOs(OS.LINUX)
class EndpointRuleTest {

    private static String ask(String from, int port, String command) throws IOException {
        InetAddress own = InetAddress.getByName(from);
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port, own, 0)) {
            socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void redirectsNameTheOwnerAsTheClientsNetworkWants() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(2, "--cluster-announce-hostname", "node.example",
                "--cluster-preferred-endpoint-type", "hostname", "--cluster-endpoint-rule", "127.0.0.2/31 ip")) {
            int port = cluster.node(0).port();
            int owner = cluster.node(1).port();
            String byName = "-MOVED 12182 node.example:" + owner + "\r\n";
            // names come with the second message or so
            await().untilAsserted(() -> assertThat(ask("127.0.0.1", port, "GET foo")).startsWith(byName));
            assertThat(ask("127.0.0.2", port, "GET foo")).startsWith("-MOVED 12182 127.0.0.1:" + owner + "\r\n");
            assertThat(ask("127.0.0.3", port, "CLUSTER NODES")).doesNotContain("node.example");
            assertThat(ask("127.0.0.4", port, "CLUSTER NODES")).contains("node.example");
            ask("127.0.0.4", port, "CONFIG SET cluster-endpoint-rule \"\"");
            assertThat(ask("127.0.0.2", port, "GET foo")).startsWith("-MOVED 12182 node.example:" + owner + "\r\n");
        }
    }
}
