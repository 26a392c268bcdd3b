package io.granary.tools.granary;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.tools.cluster.PortRange;
import io.granary.tools.cluster.TestLauncher;
import io.granary.tools.trial.Program;
import io.granary.tools.trial.TrialCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Slots moved by our CLI between nodes of ours and redis-server, key by key. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MovesInMixedClusterTest {

    private static final int NODES = 4;
    private static final int NODE_TIMEOUT_MS = 5000;

    private TrialCluster cluster;
    private MoveStories stories;

    @BeforeAll
    void form(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path folder) throws IOException {
        assumeTrue(Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(each -> Files.isExecutable(Path.of(each, "redis-server"))), "redis-server is not installed");
        Program granary = Program.granary(TestLauncher.writeTo(folder));
        cluster = TrialCluster.startUnformed(
                List.of(granary, Program.REDIS, Program.REDIS, granary), PortRange.free(NODES), folder, NODE_TIMEOUT_MS,
                "--cluster-allow-replica-migration", "no");
        stories = FourPrimaries.form(cluster, folder);
    }

    @AfterAll
    void end() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void clear() throws IOException {
        stories.begin();
    }

    @Test
    void isReshardedByPlan() throws IOException {
        stories.isReshardedByPlan();
    }

    @Test
    void goesOnAfterTheCliWasKilled() throws IOException, InterruptedException {
        stories.goesOnAfterTheCliWasKilled(5_000, 0.1, true);
    }

    @Test
    void isBackedUpAndRestored() throws IOException {
        stories.isBackedUpAndRestored();
    }
}
