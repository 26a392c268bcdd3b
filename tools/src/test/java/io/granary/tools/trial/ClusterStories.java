package io.granary.tools.trial;

import io.granary.tools.cluster.TestLauncher;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Stories of one cluster of real processes: started before the first of them, ended behind the last. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ClusterStories {

    protected Path folder;
    protected TrialCluster cluster;

    /** Starts the nodes, of ours or of others. */
    protected abstract TrialCluster start(Program granary) throws IOException;

    /** What is to be done once with the nodes before the first story. */
    protected void prepare() throws IOException {}

    @BeforeAll
    final void form(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path files) throws IOException {
        folder = files;
        cluster = start(Program.granary(TestLauncher.writeTo(folder)));
        prepare();
    }

    @AfterAll
    final void end() {
        if (cluster != null) {
            cluster.close();
        }
    }
}
