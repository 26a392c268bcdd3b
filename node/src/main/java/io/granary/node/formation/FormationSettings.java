package io.granary.node.formation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.SlotBitmap;
import io.granary.node.config.Configuration;
import io.granary.node.config.SeedNodes;
import io.granary.node.config.SeedNodes.Seed;
import java.util.List;

/**
 * The cluster that the nodes are to form: {@code cluster-seed-nodes}, {@code cluster-init-primaries} and
 * {@code cluster-init-replicas}.
 *
 * @param primaries    how many of the first seeds become primaries; 0: the cluster is made by somebody else
 * @param replicasEach how many replicas every primary is to have
 */
record FormationSettings(List<Seed> seeds, int primaries, int replicasEach) {

    static final List<String> DIRECTIVES = List.of("cluster-seed-nodes", "cluster-init-primaries", "cluster-init-replicas");

    static FormationSettings of(Configuration configuration) {
        return new FormationSettings(
                SeedNodes.of(configuration.text(DIRECTIVES.get(0)).value()),
                configuration.number(DIRECTIVES.get(1)).intValue(),
                configuration.number(DIRECTIVES.get(2)).intValue());
    }

    /** How many of the seeds have to be there before a cluster is founded. */
    int founders() {
        return primaries * (1 + replicasEach);
    }

    /** The slots that the primary at this place of the list has at first; the sizes of shares differ by at most one. */
    SlotBitmap share(int place) {
        return SlotBitmap.range(firstSlot(place), firstSlot(place + 1) - 1);
    }

    int firstSlot(int place) {
        return ClusterView.SLOTS * place / primaries;
    }

    /** In one line, which is the same on nodes that are configured alike. */
    String text() {
        return String.join(",", seeds.stream().map(Seed::toString).toList()) + ' ' + primaries + ' ' + replicasEach;
    }
}
