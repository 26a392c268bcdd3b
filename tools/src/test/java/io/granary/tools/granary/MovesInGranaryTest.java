package io.granary.tools.granary;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Slots moved by our CLI between nodes of ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MovesInGranaryTest {

    private static final Access ACCESS = Access.within(10_000);

    private EmbeddedCluster cluster;
    private EmbeddedCluster other;
    private Address seed;
    private MoveStories stories;

    @BeforeAll
    void form(@TempDir Path folder) throws IOException {
        cluster = EmbeddedCluster.start(3, "--cluster-allow-replica-migration", "no");
        other = EmbeddedCluster.unformed(1, "--cluster-allow-replica-migration", "no");
        seed = Address.parse(cluster.node(0).address());
        try (Connection connection = Connection.open(seed, ACCESS)) {
            connection.call("CLUSTER", "MEET", "127.0.0.1", other.node(0).port());
        }
        stories = new MoveStories(seed, Address.parse(other.node(0).address()), folder);
    }

    @AfterAll
    void end() {
        other.close();
        cluster.close();
    }

    @BeforeEach
    void clear() throws IOException {
        stories.begin();
    }

    @Test
    void isRebalancedToAndFro() throws IOException {
        stories.isRebalancedToAndFro(10_000);
    }

    @Test
    void isRebalancedByKeys() throws IOException {
        stories.isRebalancedByKeys();
    }

    @Test
    void goesOnAfterTheCliWasKilled() throws IOException, InterruptedException {
        stories.goesOnAfterTheCliWasKilled(30_000, 1, false);
    }

    @Test
    void isRebalancedByWhatNodesTellOfSlots() throws IOException {
        stories.isRebalancedByWhatNodesTellOfSlots();
    }

    @Test
    void isReshardedByAnswers() throws IOException, InterruptedException {
        stories.isReshardedByAnswers();
    }

    @Test
    void isReshardedByPlan() throws IOException {
        stories.isReshardedByPlan();
    }

    @Test
    void isBackedUpAndRestored() throws IOException {
        stories.isBackedUpAndRestored();
    }

    @Test
    void isShownByTop() throws IOException {
        stories.isShownByTop();
    }
}
