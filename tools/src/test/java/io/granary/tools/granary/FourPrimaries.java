package io.granary.tools.granary;

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
        Run.expecting(ExitCode.OK, "create", nodes.get(0).address().toString(), nodes.get(1).address().toString(),
                nodes.get(2).address().toString(), "--yes");
        nodes.get(0).ask("CLUSTER", "MEET", nodes.get(3).address().host(), nodes.get(3).address().port());
        MoveStories stories = new MoveStories(nodes.get(0).address(), nodes.get(3).address(), folder);
        stories.assertSettled();
        return stories;
    }
}
