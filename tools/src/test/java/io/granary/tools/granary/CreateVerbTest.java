package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CreateVerbTest {

    private static final int TIMEOUT_MS = 5000;

    private EmbeddedCluster cluster;

    @BeforeEach
    void start() {
        cluster = EmbeddedCluster.unformed(6, "--repl-diskless-sync-delay", "0");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private String[] create(int nodes, String... options) {
        List<String> words = new ArrayList<>(List.of("create"));
        cluster.nodes().stream().limit(nodes).map(EmbeddedNode::address).forEach(words::add);
        words.addAll(List.of(options));
        return words.toArray(String[]::new);
    }

    private String tell(int node, Object... words) throws IOException {
        try (Connection connection = Connection.open(Address.parse(cluster.node(node).address()), TIMEOUT_MS)) {
            return connection.text(words);
        }
    }

    @Test
    void nodesBecomeAClusterAndStayTheSameOne() throws IOException {
        Run first = Run.expecting(0, create(6, "--replicas", "1", "--yes"));

        assertThat(first.out()).contains("The cluster is ok: 6 nodes, 3 primaries");
        cluster.awaitOk();
        String nodes = tell(0, "CLUSTER", "MYID");

        JsonNode again = Run.expecting(0, create(6, "--replicas", "1", "--json")).json();
        assertThat(Run.fields(again)).containsExactly(
                "ok", "slots", "currentEpoch", "problems", "warnings", "nodes", "created");
        assertThat(again.get("ok").asBoolean()).isTrue();
        assertThat(again.get("created").asBoolean()).isFalse();
        assertThat(again.get("slots").asInt()).isEqualTo(16384);
        assertThat(Run.texts(again.get("nodes"), "role"))
                .containsExactly("primary", "primary", "primary", "replica", "replica", "replica");
        assertThat(tell(0, "CLUSTER", "MYID")).isEqualTo(nodes);
        assertThat(Run.expecting(0, create(6)).out()).contains("formed already");

        assertThat(Run.expecting(1, create(3, "--yes")).err()).contains("knows other nodes already; nothing was changed");
    }

    @Test
    void whatWasInterruptedGoesOn() throws IOException {
        tell(1, "CLUSTER", "ADDSLOTSRANGE", 5461, 10921);
        tell(1, "CLUSTER", "MEET", "127.0.0.1", cluster.node(0).port());

        Run.expecting(0, create(3, "--yes"));

        assertThat(tell(2, "CLUSTER", "INFO")).contains("cluster_state:ok").contains("cluster_size:3");
    }

    @Test
    void aNodeThatIsNotEmptyIsNamedAndNothingChanged() throws IOException {
        tell(2, "CLUSTER", "ADDSLOTS", 7);

        assertThat(Run.expecting(1, create(3, "--yes")).err())
                .contains(cluster.node(2).address() + " owns slots already; nothing was changed");
        assertThat(tell(0, "CLUSTER", "INFO")).contains("cluster_slots_assigned:0");

        tell(2, "CLUSTER", "DELSLOTS", 7);
        assertThat(Run.expecting(1, "create", cluster.node(0).address(), cluster.node(1).address(),
                "localhost:" + cluster.node(0).port(), "--yes").err()).contains("lead to the same node");
    }

    @Test
    void aNodeThatDoesNotAnswerIsNamed() {
        EmbeddedNode down = cluster.node(2);
        down.stop();

        assertThat(Run.expecting(1, create(3, "--yes")).err()).startsWith("granary: node " + down.address() + ": ");
    }
}
