package io.granary.tools.granary;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.trial.TrialCluster;
import io.granary.tools.trial.TrialNode;
import java.io.IOException;
import java.util.List;

/**
 * A cluster of three primaries with equal shares of the slots and a fourth with nothing.
 *
 * @param seed one of the three
 * @param empty the fourth
 * @param ending ends the nodes
 */
record FourPrimaries(Address seed, Address empty, Runnable ending) {

    /** A primary stays one when its last slot goes. */
    static final String[] DIRECTIVES = {"--cluster-allow-replica-migration", "no"};

    /** Nodes of ours in this process. */
    static FourPrimaries ofOurs() throws IOException {
        EmbeddedCluster three = EmbeddedCluster.start(3, DIRECTIVES);
        EmbeddedCluster fourth = EmbeddedCluster.unformed(1, DIRECTIVES);
        Address seed = Address.parse(three.node(0).address());
        try (Connection connection = Connection.open(seed, Access.within(10_000))) {
            connection.call("CLUSTER", "MEET", "127.0.0.1", fourth.node(0).port());
        }
        return new FourPrimaries(seed, Address.parse(fourth.node(0).address()), () -> {
            fourth.close();
            three.close();
        });
    }

    /** Four processes that do not know each other yet. */
    static FourPrimaries of(TrialCluster cluster) throws IOException {
        try {
            join(cluster.nodes());
        } catch (IOException | RuntimeException | Error failure) {
            cluster.close();
            throw failure;
        }
        List<TrialNode> nodes = cluster.nodes();
        return new FourPrimaries(nodes.get(0).address(), nodes.get(3).address(), cluster::close);
    }

    private static void join(List<TrialNode> nodes) throws IOException {
        Run.expecting(ExitCode.OK, "create", nodes.get(0).address().toString(), nodes.get(1).address().toString(),
                nodes.get(2).address().toString(), "--yes");
        nodes.get(0).ask("CLUSTER", "MEET", nodes.get(3).address().host(), nodes.get(3).address().port());
    }
}
