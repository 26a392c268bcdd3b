package io.granary.tools.trial;

import io.granary.tools.cluster.PortRange;
import java.io.IOException;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;

/** Stories of three shards of ours, a primary and a replica each, which every story finds settled. */
abstract class ThreeShards extends ClusterStories {

    static final int NODES = 6;
    static final int NODE_TIMEOUT_MS = 2000;

    @Override
    protected TrialCluster start(Program granary) throws IOException {
        return TrialCluster.start(
                Collections.nCopies(NODES, granary), PortRange.free(NODES), folder, NODE_TIMEOUT_MS,
                "--enable-debug-command", "yes");
    }

    @BeforeEach
    final void settle() throws IOException {
        cluster.awaitSettled();
    }
}
