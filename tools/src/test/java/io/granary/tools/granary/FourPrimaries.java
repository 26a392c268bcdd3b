package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.tools.trial.TrialCluster;
import io.granary.tools.trial.TrialNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Makes four nodes that do not know each other the cluster that {@link MoveStories} are about. */
final class FourPrimaries {

    private FourPrimaries() {}

    static MoveStories form(TrialCluster cluster, Path folder) throws IOException {
        List<TrialNode> nodes = cluster.nodes();
        Ran created = Ran.granary("create", nodes.get(0).address(), nodes.get(1).address(), nodes.get(2).address(), "--yes");
        assertThat(created.exit()).as(created.out() + created.err()).isZero();
        nodes.get(0).ask("CLUSTER", "MEET", nodes.get(3).address().host(), nodes.get(3).address().port());
        MoveStories stories = new MoveStories(nodes.get(0).address(), nodes.get(3).address(), folder);
        stories.assertSettled();
        return stories;
    }
}
