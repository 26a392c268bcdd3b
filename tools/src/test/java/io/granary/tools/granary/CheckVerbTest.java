package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.granary.node.embedded.EmbeddedCluster;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code check}, {@code info} and {@code fix} on a cluster of three primaries with a third of the slots each. */
class CheckVerbTest {

    private static final int TIMEOUT_MS = 5000;

    private EmbeddedCluster cluster;
    private String any;

    @BeforeEach
    void start() {
        cluster = EmbeddedCluster.start(3);
        any = cluster.node(1).address();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private String tell(int node, Object... words) throws IOException {
        try (Connection connection = Connection.open(Address.parse(cluster.node(node).address()), TIMEOUT_MS)) {
            return connection.text(words);
        }
    }

    private String id(int node) {
        return cluster.node(node).id().hex();
    }

    @Test
    void aSoundClusterIsOk() throws IOException {
        assertThat(Run.expecting(0, "check", any).out()).contains("The cluster is ok: 3 primaries, 0 replicas");
        JsonNode facts = Run.expecting(0, "check", "127.0.0.1", Integer.toString(cluster.node(0).port()), "--json").json();
        assertThat(Run.fields(facts)).containsExactly(
                "ok", "slots", "currentEpoch", "problems", "warnings", "nodes", "moves");
        assertThat(facts.get("problems")).isEmpty();
        assertThat(Run.fields(facts.get("nodes").get(0))).containsExactly("address", "state", "id", "role", "version",
                "configEpoch", "slots", "slotCount", "open", "keys", "usedMemoryBytes", "uptimeSeconds", "pid");
        assertThat(Run.expecting(0, "fix", any).out()).contains("nothing is wrong with the slots");
        assertThat(Run.expecting(3, "check", any, "--replicas", "1").out()).contains("has 0 replicas, not 1");
    }

    @Test
    void infoCountsKeysAndSlots() throws IOException {
        tell(0, "SET", "{06S}1", "value");   // slot 0

        assertThat(Run.expecting(0, "info", any).out()).contains(id(0)).contains("1 keys in 3 primaries");
        JsonNode facts = Run.expecting(0, "info", any, "--json").json();
        assertThat(Run.fields(facts)).containsExactly("keys", "primaries", "down", "moves");
        assertThat(facts.get("keys").asInt()).isEqualTo(1);
        assertThat(facts.get("primaries").get(0).get("replicas")).isEmpty();
    }

    @Test
    void aNodeThatIsDownIsAProblem() throws IOException {
        String down = cluster.node(2).address();
        cluster.node(2).stop();

        JsonNode facts = Run.expecting(3, "check", any, "--json").json();

        assertThat(Run.texts(facts.get("problems"), "kind")).contains("node-down", "slot-uncovered");
        assertThat(facts.get("problems").get(0).get("nodes").get(0).asText()).isEqualTo(down);
        assertThat(Run.expecting(3, "fix", any, "--yes").err()).contains(down).contains("--fix-with-unreachable-primaries");
        assertThat(Run.expecting(3, "info", any).err()).contains(down + " does not answer");
        assertThat(Run.expecting(1, "call", any, "PING").out()).contains("PONG").contains(down + ": ");
    }

    @Test
    void openSlotsAreFoundAndClosed() throws IOException {
        tell(0, "CLUSTER", "SETSLOT", 10, "MIGRATING", id(1));
        tell(2, "CLUSTER", "SETSLOT", 11, "IMPORTING", id(0));

        JsonNode problems = Run.expecting(3, "check", any, "--json").json().get("problems");
        assertThat(Run.texts(problems, "kind")).containsOnly("slot-open").hasSize(2);
        assertThat(Run.fields(problems.get(0))).containsExactly("kind", "text", "nodes", "slots");

        JsonNode plan = Run.expecting(3, "fix", any, "--dry-run", "--json").json();
        assertThat(Run.fields(plan)).containsExactly("ok", "dryRun", "steps", "failures", "problems");
        assertThat(Run.texts(plan.get("steps"), "kind")).containsOnly("close");
        Run.expecting(3, "check", any);

        assertThat(Run.expecting(0, "fix", any, "--yes").out()).contains("The cluster is ok");
        Run.expecting(0, "check", any);
    }

    @Test
    void aMoveWithoutKeysIsFinished() throws IOException {
        tell(0, "CLUSTER", "SETSLOT", 10, "MIGRATING", id(1));
        tell(1, "CLUSTER", "SETSLOT", 10, "IMPORTING", id(0));

        JsonNode done = Run.expecting(0, "fix", any, "--yes", "--json").json();

        assertThat(Run.texts(done.get("steps"), "kind")).containsExactly("finish");
        assertThat(cluster.node(2).view().owner(10).id().hex()).isEqualTo(id(1));
    }

    @Test
    void aMoveThatIsUnderWayIsShownAndIsNoProblem() throws IOException {
        tell(0, "SET", "{06S}1", "value");   // slot 0
        tell(0, "CONFIG", "SET", "rdb-key-save-delay", "60000000");
        tell(0, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 9, "NODE", id(1));

        await().untilAsserted(() -> assertThat(Run.expecting(0, "check", any).out()).contains("moving   10 slots (0-9) from "
                + cluster.node(0).address() + " to " + cluster.node(1).address() + ": snapshotting"));
        assertThat(Run.expecting(0, "info", any).out()).contains("moving   10 slots (0-9)");
        for (String verb : new String[] {"check", "info"}) {
            JsonNode move = Run.expecting(0, verb, any, "--json").json().get("moves").get(0);
            assertThat(Run.fields(move)).containsExactly("name", "source", "target", "slots", "state");
            assertThat(move.get("target").asText()).isEqualTo(id(1));
        }

        tell(0, "CLUSTER", "CANCELSLOTMIGRATIONS");
        await().untilAsserted(() -> assertThat(Run.expecting(0, "check", any).out()).doesNotContain("moving"));
    }

    @Test
    void slotsWithoutAnOwnerGoToWhoHasTheirKeys() throws IOException {
        tell(2, "SET", "foo", "bar");   // slot 12182
        for (int node = 0; node < 3; node++) {
            tell(node, "CLUSTER", "DELSLOTS", 5, 12182);
        }
        JsonNode problems = Run.expecting(3, "check", any, "--json").json().get("problems");
        assertThat(Run.texts(problems, "kind")).contains("slot-uncovered");

        JsonNode done = Run.expecting(0, "fix", any, "--yes", "--json").json();

        assertThat(Run.texts(done.get("steps"), "kind")).containsOnly("cover");
        assertThat(tell(2, "GET", "foo")).isEqualTo("bar");
        Run.expecting(0, "check", any, "--search-multiple-owners");
    }
}
