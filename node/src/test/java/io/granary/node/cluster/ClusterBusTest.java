package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.Clock;
import io.granary.node.config.BindAddresses.BindAddress;
import io.granary.node.log.NodeLog;
import io.granary.slots.transcript.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The sockets of the bus, with a listener that notes what it is told. */
final class ClusterBusTest {

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private final ClusterBus bus = new ClusterBus(
            new ClusterBus.Listener() {
                @Override
                public void accepted(BusLink link) {
                    told.add("accepted " + link.number() + " from " + link.peerIp() + " at " + link.localIp());
                }

                @Override
                public void connected(BusLink link) {
                    told.add("connected " + link.number() + " at " + link.localIp());
                }

                @Override
                public void lost(BusLink link, boolean refused) {
                    told.add((refused ? "refused " : "lost ") + link.number());
                }

                @Override
                public void received(BusLink link, byte[] frame) {
                    told.add("received " + frame.length + " on " + link.number());
                }
            },
            new Complaints(NodeLog.silent(), Clock.SYSTEM),
            NodeLog.silent());

    @AfterEach
    void stop() {
        bus.stop();
    }

    private String next() throws InterruptedException {
        return told.poll(30, TimeUnit.SECONDS);
    }

    private int listen(List<BindAddress> addresses) throws IOException {
        int port = listenOnly(addresses);
        bus.thread().execute(bus::letIn);
        return port;
    }

    private int listenOnly(List<BindAddress> addresses) throws IOException {
        while (true) {
            int port = FreePorts.next();
            try {
                bus.bind(addresses, port);
                return port;
            } catch (IOException _) {
                // taken in the meantime: another one
            }
        }
    }

    @Test
    void acceptedLinksHaveNegativeNumbers() throws IOException, InterruptedException {
        int port = listen(List.of(new BindAddress("127.0.0.1", false)));
        try (Socket _ = new Socket("127.0.0.1", port)) {
            assertThat(next()).isEqualTo("accepted -1 from 127.0.0.1 at 127.0.0.1");
        }
        assertThat(next()).isEqualTo("lost -1");
    }

    /** A machine that has not started may have forgotten a vote. */
    @Test
    void whoDialsEarlyWaitsUntilPeersAreLetIn() throws IOException, InterruptedException {
        int port = listenOnly(List.of(new BindAddress("127.0.0.1", false)));
        try (Socket _ = new Socket("127.0.0.1", port)) {
            bus.thread().schedule(() -> told.add("started"), 50, TimeUnit.MILLISECONDS);
            assertThat(next()).isEqualTo("started");
            bus.thread().execute(bus::letIn);
            assertThat(next()).isEqualTo("accepted -1 from 127.0.0.1 at 127.0.0.1");
        }
    }

    @Test
    void allAddressesOfBothKindsShareOnePort() throws IOException, InterruptedException {
        int port = listen(List.of(new BindAddress("*", false), new BindAddress("::*", true)));
        try (Socket _ = new Socket("127.0.0.1", port)) {
            assertThat(next()).isEqualTo("accepted -1 from 127.0.0.1 at 127.0.0.1");
        }
    }

    @Test
    void aHostWhereNobodyListensRefuses() throws IOException, InterruptedException {
        int port = FreePorts.next();
        bus.thread().execute(() -> bus.connect(7, "127.0.0.1", port));
        assertThat(next()).isEqualTo("refused 7");
    }

    @Test
    void aPeerThatHangsUpIsLostButHasNotRefused() throws IOException, InterruptedException {
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            bus.thread().execute(() -> bus.connect(7, "127.0.0.1", peer.getLocalPort()));
            peer.accept().close();
            assertThat(next()).isEqualTo("connected 7 at 127.0.0.1");
            assertThat(next()).isEqualTo("lost 7");
        }
    }

    @Test
    void aLinkThatWasClosedIsNotReportedLost() throws IOException, InterruptedException {
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            bus.thread().execute(() -> bus.connect(7, "127.0.0.1", peer.getLocalPort()));
            try (Socket socket = peer.accept()) {
                assertThat(next()).isEqualTo("connected 7 at 127.0.0.1");
                bus.thread().execute(() -> bus.close(7));
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
                bus.thread().submit(() -> { }).await();
                assertThat(told).isEmpty();
            }
        }
    }

    @Test
    void aPeerThatDoesNotReadIsGivenUpAtTheLimit() throws IOException, InterruptedException {
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            bus.thread().execute(() -> bus.connect(7, "127.0.0.1", peer.getLocalPort()));
            try (Socket _ = peer.accept()) {
                assertThat(next()).isEqualTo("connected 7 at 127.0.0.1");
                bus.thread().execute(() -> {
                    bus.sendLimit(1_000_000);
                    for (int i = 0; i < 10_000 && bus.send(7, new byte[10_000]); i++) {
                        bus.flush();
                    }
                });
                assertThat(next()).isEqualTo("lost 7");
                bus.thread().submit(() -> assertThat(bus.sendLimitExceeded()).isOne()).sync();
            }
        }
    }
}
