package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.tools.cluster.PortRange;
import io.granary.tools.trial.Program;
import io.granary.tools.trial.RedisTools;
import io.granary.tools.trial.TrialCluster;
import java.io.IOException;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** Slots moved by our CLI in a cluster of redis-server alone, key by key. */
final class MovesInRedisTest extends RebalanceStories {

    private static final int NODES = 4;
    private static final int NODE_TIMEOUT_MS = 5000;

    @Override
    FourPrimaries start() throws IOException {
        RedisTools.assumeInstalled();
        return FourPrimaries.of(TrialCluster.startUnformed(Collections.nCopies(NODES, Program.REDIS),
                PortRange.free(NODES), folder, NODE_TIMEOUT_MS, FourPrimaries.DIRECTIVES));
    }

    @Test
    void goesOnAfterTheCliWasKilled() throws IOException, InterruptedException {
        goesOnAfterTheCliWasKilled(20_000, 1, true);
    }

    /** What makes no sense is exit code 2; nothing was changed. */
    @Test
    void refusesNonsense() {
        assertThat(run("rebalance", seed, "--threshold", "-1").code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("rebalance", seed, "--by", "colour").code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("reshard", seed, "--slots", "0").code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("reshard", seed, "--ranges", "7-3", "--to", empty).code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("reshard", seed, "--slots", "5", "--from", empty, "--to", empty, "--yes").code())
                .isEqualTo(ExitCode.USAGE);
        assertThat(run("apply", folder.resolve("none.json")).code()).isEqualTo(ExitCode.FAILED);
        assertThat(run("rebalance", "127.0.0.1:1").code()).isEqualTo(ExitCode.UNHEALTHY);
    }
}
