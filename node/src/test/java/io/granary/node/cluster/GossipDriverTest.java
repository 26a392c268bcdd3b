package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.OperatorRequest;
import io.granary.slots.transcript.FreePorts;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine on real sockets and files. */
final class GossipDriverTest {

    private static final long NODE_TIMEOUT_MS = 1000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private BusNode start(String name) throws IOException {
        return start(name, FreePorts.next());
    }

    private BusNode start(String name, int port) throws IOException {
        return BusNode.start(Files.createDirectories(directory.resolve(name)), port, NODE_TIMEOUT_MS);
    }

    @Test
    void threeNodesMeetLoseOneAndTakeItBack() throws IOException {
        try (BusNode one = start("one"); BusNode two = start("two")) {
            NodeId third;
            int port;
            try (BusNode three = start("three")) {
                third = three.myself().id();
                port = three.busPort();
                assertThat(one.addSlots(0, 5460).error()).isNull();
                assertThat(two.addSlots(5461, 10922).error()).isNull();
                assertThat(three.addSlots(10923, 16383).error()).isNull();
                assertThat(one.meet(1, two.busPort()).error()).isNull();
                assertThat(one.meet(1, three.busPort()).error()).isNull();
                await().atMost(PATIENCE).until(
                        () -> one.isHealthyWith(3) && two.isHealthyWith(3) && three.isHealthyWith(3));
                assertThat(two.driver().view().owner(16000).id()).isEqualTo(third);
                await().atMost(PATIENCE).until(() -> one.driver().view().links().size() == 4
                        && one.driver().linkBuffers().pendingBytes().size() >= 4);
            }
            await().atMost(PATIENCE).until(() -> one.driver().view().node(third).is(NodeFlag.FAIL)
                    && two.driver().view().node(third).is(NodeFlag.FAIL));
            assertThat(one.driver().view().ok()).isFalse();
            try (BusNode again = start("three", port)) {
                assertThat(again.myself().id()).isEqualTo(third);
                assertThat(again.driver().view().nodes()).hasSize(3);
                await().atMost(PATIENCE).until(
                        () -> one.isHealthyWith(3) && two.isHealthyWith(3) && again.isHealthyWith(3));
                assertThat(again.broken.get()).isNull();
            }
            assertThat(one.broken.get()).isNull();
        }
    }

    @Test
    void noiseOnTheBusPortChangesNothing() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        try (BusNode node = start("one")) {
            node.addSlots(0, 16383);
            await().atMost(PATIENCE).until(() -> node.isHealthyWith(1));
            for (int i = 0; i < 300; i++) {
                byte[] noise = new byte[random.nextInt(5000)];
                random.nextBytes(noise);
                if (random.nextBoolean() && noise.length > 16) {
                    // begins as a frame of the bus, of some type, and goes wrong later
                    byte[] header = {'R', 'C', 'm', 'b', 0, 0, 9, (byte) random.nextInt(256), 0, 1, 0, 0, 0,
                        (byte) random.nextInt(12), 0, (byte) random.nextInt(3)};
                    System.arraycopy(header, 0, noise, 0, header.length);
                }
                try (Socket socket = new Socket("127.0.0.1", node.busPort())) {
                    socket.getOutputStream().write(noise);
                } catch (IOException _) {
                    // hung up on: quite right
                }
            }
            assertThat(node.isHealthyWith(1)).isTrue();
            assertThat(node.driver().ask(new OperatorRequest.SaveConfig()).error()).isNull();
            await().atMost(PATIENCE).until(() -> node.driver().linkBuffers().pendingBytes().isEmpty());
            assertThat(node.broken.get()).isNull();
        }
    }

    @Test
    void strangersWhoSayNothingMakeRoomForOneAnother() throws IOException {
        try (BusNode node = start("one")) {
            Socket[] strangers = new Socket[ClusterBus.UNKNOWN_LINKS_MAX + 20];
            for (int i = 0; i < strangers.length; i++) {
                strangers[i] = new Socket("127.0.0.1", node.busPort());
            }
            await().atMost(PATIENCE).until(() -> strangers[0].getInputStream().read() == -1);
            assertThat(node.driver().linkBuffers().pendingBytes().size()).isLessThanOrEqualTo(ClusterBus.UNKNOWN_LINKS_MAX);
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
    }

    @Test
    void twoNodesDoNotShareAFile() throws IOException {
        try (BusNode _ = start("one")) {
            assertThatThrownBy(() -> start("one")).isInstanceOf(IOException.class).hasMessage(
                    "Sorry, the cluster configuration file nodes.conf is already used by a different Redis Cluster node. "
                            + "Please make sure that different nodes use different cluster configuration files.");
        }
    }

    @Test
    void aBusyPortIsNamed() throws IOException {
        try (BusNode node = start("one")) {
            assertThatThrownBy(() -> start("two", node.busPort()))
                    .hasMessage("Failed listening on port " + node.busPort() + " (cluster), aborting.");
        }
    }

    @Test
    void aDamagedFileIsReplacedByItsCopy() throws IOException {
        NodeId id;
        try (BusNode node = start("one")) {
            id = node.myself().id();
            node.addSlots(0, 99);
        }
        Path file = directory.resolve("one/nodes.conf");
        String text = Files.readString(file);
        for (int cut = 0; cut < text.length(); cut += 7) {
            Files.writeString(file, text.substring(0, cut));
            try (BusNode node = start("one")) {
                assertThat(node.myself().id()).as("cut at %d", cut).isEqualTo(id);
                assertThat(node.driver().view().isMine(99)).isTrue();
            }
        }
    }

    @Test
    void aDamagedFileWithoutACopyIsRefusedByName() throws IOException {
        start("one").close();
        Path file = directory.resolve("one/nodes.conf");
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() / 2));
        Files.writeString(directory.resolve("one/nodes.conf.bak"), "rubbish");
        assertThatThrownBy(() -> start("one"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Unrecoverable error: corrupted cluster config file")
                .hasMessageContaining(file.toString());
    }

    @Test
    void whoRemovesTheFileGetsANewNode() throws IOException {
        NodeId id;
        try (BusNode node = start("one")) {
            id = node.myself().id();
        }
        Files.delete(directory.resolve("one/nodes.conf"));
        try (BusNode node = start("one")) {
            assertThat(node.myself().id()).isNotEqualTo(id);
        }
    }

    @Test
    void anUnwritableDirectoryIsFoundAtTheStart() throws IOException {
        Path gone = directory.resolve("gone");
        assertThatThrownBy(() -> BusNode.start(gone, FreePorts.next(), NODE_TIMEOUT_MS)).isInstanceOf(IOException.class);
    }
}
