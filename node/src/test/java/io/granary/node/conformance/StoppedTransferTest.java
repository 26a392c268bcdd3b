package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** MIGRATE works on threads of its own, which read the data: none may be left when the node gives them up. */
class StoppedTransferTest {

    private static final int END_MS_MAX = 20_000;

    @Test
    void aNodeHasStoppedOnlyWhenNoTransferIsUnderWay() throws IOException {
        TestNode node = TestNode.start("--save", "");
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress()); Wire client = Wire.to(node)) {
            client.ask("SET", "k", "v");
            client.request("MIGRATE", "127.0.0.1", Integer.toString(mute.getLocalPort()), "k", "0", "600000");
            try (Socket target = mute.accept()) {
                target.setSoTimeout(END_MS_MAX);
                assertThat(target.getInputStream().read()).isEqualTo('*');
                node.close();
                target.getInputStream().readAllBytes();
            }
            assertThat(client.rest()).isNotEqualTo("+OK\r\n");
        }
    }
}
