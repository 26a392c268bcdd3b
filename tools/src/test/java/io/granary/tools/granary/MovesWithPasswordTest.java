package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.slots.Slot;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Slots and backups of nodes that ask for a password. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MovesWithPasswordTest {

    private static final String PASSWORD = "open sesame";
    private static final Access ACCESS = new Access(null, PASSWORD, 10_000);
    private static final int SLOT = Slot.of("tag".getBytes(StandardCharsets.US_ASCII));
    private static final int KEYS = 50;

    private EmbeddedCluster cluster;

    @BeforeAll
    void start() throws IOException {
        cluster = EmbeddedCluster.start(3, "--requirepass", PASSWORD, "--masterauth", PASSWORD);
        try (Connection owner = Connection.open(owner(), ACCESS)) {
            for (int i = 0; i < KEYS; i++) {
                owner.call("SET", "{tag}" + i, "value " + i);
            }
        }
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private Address owner() {
        return cluster.nodes().stream().filter(node -> node.view().myself().id().equals(node.view().owner(SLOT).id()))
                .map(node -> Address.parse(node.address())).findFirst().orElseThrow();
    }

    private Address another() {
        Address owner = owner();
        return cluster.nodes().stream().map(node -> Address.parse(node.address())).filter(each -> !each.equals(owner))
                .findFirst().orElseThrow();
    }

    @Test
    void aSlotGoesByStream() throws IOException {
        moves();
    }

    @Test
    void aSlotGoesKeyByKey() throws IOException {
        moves("--classic");
    }

    private void moves(String... options) throws IOException {
        Address target = another();
        String[] words = Stream.concat(Stream.of("reshard", target.toString(), "--to", target.toString(), "--ranges",
                Integer.toString(SLOT), "--yes", "--password", PASSWORD), Stream.of(options)).toArray(String[]::new);
        Run.expecting(ExitCode.OK, words);
        try (Connection connection = Connection.open(target, ACCESS)) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(connection.text("GET", "{tag}" + i)).isEqualTo("value " + i);
            }
        }
    }

    @Test
    void aBackupIsTaken(@TempDir Path folder) {
        Run taken = Run.expecting(
                ExitCode.OK, "backup", owner().toString(), folder.toString(), "--password", PASSWORD);
        assertThat(taken.out()).contains("Backup of 3 primaries");
    }

    @Test
    void withoutThePasswordNothingIsDone() {
        Run refused = Run.expecting(ExitCode.UNHEALTHY, "rebalance", owner().toString());
        assertThat(refused.err()).contains("password");
    }
}
