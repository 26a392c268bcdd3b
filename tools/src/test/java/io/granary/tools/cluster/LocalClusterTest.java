package io.granary.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.slots.Slot;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes, as {@code granary up} and {@code down} run them. */
class LocalClusterTest {

    private static final int NODES = 4;
    private static final int REPLICAS_EACH = 1;
    private static final int TIMEOUT_MS = 5000;

    @TempDir
    private Path folder;
    private Path launcher;
    private LocalCluster cluster;

    @BeforeEach
    void prepare() throws IOException {
        launcher = TestLauncher.writeTo(folder);
        cluster = LocalCluster.of(folder.resolve("data"), PortRange.free(NODES), NODES);
    }

    @AfterEach
    void stop() throws IOException {
        cluster.stop(Deadline.inSeconds(30));
    }

    private void up() throws IOException {
        Deadline deadline = Deadline.inSeconds(60);
        cluster.start(launcher, deadline);
        assertThat(new Formation(cluster.addresses(), REPLICAS_EACH).form(deadline)).isTrue();
    }

    @Test
    void aClusterIsFormedOnceAndSurvivesStoppingItsNodes() throws IOException {
        up();
        List<String> ids = ids();
        assertThat(Survey.of(cluster.addresses(), Access.within(TIMEOUT_MS)).coveredSlots()).isEqualTo(Slot.COUNT);
        List<NodeEntry> selves = selves();
        assertThat(selves.stream().map(NodeEntry::role)).containsExactly("primary", "primary", "replica", "replica");
        assertThat(selves.subList(2, 4).stream().map(NodeEntry::primaryId)).containsExactlyElementsOf(ids.subList(0, 2));

        assertThat(cluster.start(launcher, Deadline.inSeconds(60))).isZero();

        assertThat(cluster.stop(Deadline.inSeconds(30))).isEqualTo(NODES);
        assertThat(cluster.stop(Deadline.inSeconds(30))).isZero();
        up();
        assertThat(ids()).isEqualTo(ids);

        cluster.stop(Deadline.inSeconds(30));
        cluster.wipe();
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void whatIsNotAskedForIsAsInTheDataFolder() throws IOException {
        Path data = folder.resolve("data");
        assertThat(LocalCluster.resumed(data, null, null).addresses())
                .containsExactly(Address.local(7001), Address.local(7002), Address.local(7003),
                        Address.local(7004), Address.local(7005), Address.local(7006));
        for (int port : new int[] {7301, 7302}) {
            Path configuration = new LocalNode(data, port).configuration();
            Files.createDirectories(configuration.getParent());
            Files.createFile(configuration);
        }
        assertThat(LocalCluster.resumed(data, null, null).addresses())
                .containsExactly(Address.local(7301), Address.local(7302));
        assertThat(LocalCluster.resumed(data, 7401, 1).addresses()).containsExactly(Address.local(7401));
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        int port = cluster.addresses().getFirst().port();
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> cluster.start(launcher, Deadline.inSeconds(60)))
                    .isInstanceOf(IOException.class).hasMessageContaining("port " + port + " is taken");
        }
    }

    @Test
    void aNodeThatDoesNotStartLeavesItsLastWords() throws IOException {
        Path data = folder.resolve("data");
        LocalNode first = cluster.nodes().getFirst();
        Files.createDirectories(first.configuration().getParent());
        Files.writeString(first.configuration(), "no-such-directive yes\n");

        assertThatThrownBy(() -> cluster.start(launcher, Deadline.inSeconds(60)))
                .isInstanceOf(IOException.class).hasMessageContaining("no-such-directive");
        assertThat(data).exists();
    }

    private List<String> ids() {
        return selves().stream().map(NodeEntry::id).toList();
    }

    private List<NodeEntry> selves() {
        return Survey.of(cluster.addresses(), Access.within(TIMEOUT_MS)).reports().stream().map(NodeReport::self).toList();
    }

    @Test
    void anErrorOfTheNodeArrivesInItsOwnWords() throws IOException {
        LocalCluster one = LocalCluster.of(folder.resolve("one"), cluster.addresses().getFirst().port(), 1);
        one.start(launcher, Deadline.inSeconds(60));
        try (Connection connection = Connection.open(one.addresses().getFirst(), TIMEOUT_MS)) {
            assertThatThrownBy(() -> connection.call("GET")).isInstanceOf(ErrorReply.class)
                    .hasMessage("ERR wrong number of arguments for 'get' command");
        } finally {
            one.stop(Deadline.inSeconds(30));
        }
    }
}
