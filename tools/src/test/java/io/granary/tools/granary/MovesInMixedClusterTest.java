package io.granary.tools.granary;


import io.granary.tools.cluster.PortRange;
import io.granary.tools.cluster.TestLauncher;
import io.granary.tools.trial.Program;
import io.granary.tools.trial.RedisTools;
import io.granary.tools.trial.TrialCluster;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Slots moved by our CLI between nodes of ours and redis-server, key by key. */
final class MovesInMixedClusterTest extends MoveStories {

    private static final int NODE_TIMEOUT_MS = 5000;

    @Override
    FourPrimaries start() throws IOException {
        RedisTools.assumeInstalled();
        Program granary = Program.granary(TestLauncher.writeTo(folder));
        List<Program> programs = List.of(granary, Program.REDIS, Program.REDIS, granary);
        return FourPrimaries.of(TrialCluster.startUnformed(
                programs, PortRange.free(programs.size()), folder, NODE_TIMEOUT_MS, FourPrimaries.DIRECTIVES));
    }

    @Test
    void goesOnAfterTheCliWasKilled() throws IOException, InterruptedException {
        goesOnAfterTheCliWasKilled(5_000, 0.1, true);
    }
}
