package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three of our nodes and three real redis-servers are one cluster, made and checked by the real redis-cli. */
final class MixedClusterTest {

    private static final long NODE_TIMEOUT_MS = 2000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final List<RedisPeer> peers = new ArrayList<>();
    private EmbeddedCluster ours;

    @BeforeEach
    void form() throws IOException {
        RedisPeer.assumeInstalled();
        for (int i = 0; i < 3; i++) {
            peers.add(RedisPeer.start(directory, NODE_TIMEOUT_MS));
        }
        ours = EmbeddedCluster.unformed(3, "--cluster-node-timeout", Long.toString(NODE_TIMEOUT_MS));
        peers.forEach(peer -> await().atMost(PATIENCE).until(() -> peer.ask("PING").startsWith("PONG")));
        String created = RedisPeer.cli(Stream.of(
                        Stream.of("--cluster", "create"),
                        ours.nodes().stream().map(EmbeddedNode::address),
                        peers.stream().map(RedisPeer::address),
                        Stream.of("--cluster-yes"))
                .flatMap(words -> words)
                .toArray(String[]::new));
        assertThat(created).contains("[OK] All nodes agree about slots configuration.", "[OK] All 16384 slots covered.");
        await().atMost(PATIENCE).until(() -> ours.nodes().stream().allMatch(node -> node.view().ok()));
        peers.forEach(MixedClusterTest::awaitOk);
    }

    @AfterEach
    void end() {
        peers.forEach(RedisPeer::close);
        if (ours != null) {
            ours.close();
        }
    }

    @Test
    void itIsOneClusterToItsToolsAndClients() {
        for (String address : List.of(ours.node(0).address(), peers.getFirst().address())) {
            assertThat(RedisPeer.cli("--cluster", "check", address))
                    .contains("[OK] All nodes agree about slots configuration.", "[OK] All 16384 slots covered.")
                    .doesNotContain("[ERR]", "[WARNING]");
        }
        String ourPort = Integer.toString(ours.node(1).port());
        for (int i = 0; i < 30; i++) {
            assertThat(RedisPeer.cli("-c", "-p", ourPort, "SET", "key:" + i, "value:" + i)).startsWith("OK");
            assertThat(peers.getFirst().ask("-c", "GET", "key:" + i)).startsWith("value:" + i);
        }
        assertThat(RedisPeer.cli(
                        "--cluster", "reshard", peers.getFirst().address(), "--cluster-yes", "--cluster-slots", "5",
                        "--cluster-from", ours.node(0).id().hex(), "--cluster-to", ours.node(2).id().hex()))
                .contains("Moving slot 4 from");
        await().atMost(PATIENCE).until(() -> RedisPeer.cli("--cluster", "check", peers.getLast().address())
                .contains("[OK] All nodes agree about slots configuration."));
        assertThat(ours.node(2).view().isMine(4)).isTrue();
    }

    @Test
    void aRedisThatIsKilledHasFailedForAll() {
        NodeId victim = new NodeId(peers.getLast().ask("CLUSTER", "MYID").trim());
        peers.getLast().kill();
        for (EmbeddedNode node : ours.nodes()) {
            await().atMost(PATIENCE).until(() -> node.view().node(victim).is(NodeFlag.FAIL));
        }
        peers.subList(0, 2).forEach(peer -> await().atMost(PATIENCE).until(() -> hasFailed(peer, victim)));
    }

    @Test
    void oneOfOursThatDiesHasFailedForAll() {
        NodeId victim = ours.node(1).id();
        ours.node(1).stop();
        for (EmbeddedNode node : List.of(ours.node(0), ours.node(2))) {
            await().atMost(PATIENCE).until(() -> node.view().node(victim).is(NodeFlag.FAIL));
        }
        peers.forEach(peer -> await().atMost(PATIENCE).until(() -> hasFailed(peer, victim)));
        ours.node(1).start();
        peers.forEach(MixedClusterTest::awaitOk);
    }

    private static void awaitOk(RedisPeer peer) {
        await().atMost(PATIENCE).until(() -> peer.ask("CLUSTER", "INFO").contains("cluster_state:ok"));
    }

    private static boolean hasFailed(RedisPeer peer, NodeId victim) {
        return peer.ask("CLUSTER", "NODES").lines()
                .anyMatch(line -> line.startsWith(victim.hex()) && line.split(" ")[2].equals("master,fail"));
    }
}
