package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.granary.slots.Slot;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.PortRange;
import io.granary.tools.granary.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The life of a cluster of redis-server and our nodes under the CLI: formed, filled, broken, mended, changed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MixedVerbsTest extends ClusterStories {

    /** Long, so that nobody is taken for dead on a busy machine. */
    private static final int NODE_TIMEOUT_MS = 15_000;
    private static final int SECONDS = 60;
    private static final int KEYS = 1000;
    private static final int MEMBERS = 6;
    private static final String TAG = "{u}";

    private List<TrialNode> nodes;
    private String any;
    private TrialNode source;

    @Override
    protected TrialCluster start(Program granary) throws IOException {
        RedisTools.assumeInstalled();
        List<Program> programs = List.of(
                Program.REDIS, granary, Program.REDIS, granary, Program.REDIS, granary, granary);
        return TrialCluster.startUnformed(
                programs, PortRange.free(programs.size()), folder, NODE_TIMEOUT_MS, "--enable-debug-command", "yes");
    }

    @Override
    protected void prepare() throws IOException {
        nodes = cluster.nodes();
        any = nodes.get(1).address().toString();
        source = new TrialNode(Program.REDIS, PortRange.free(1), folder.resolve("source"),
                List.of("--save", "", "--requirepass", "secret"));
        source.start();
    }

    @AfterAll
    void endSource() {
        if (source != null) {
            source.kill();
        }
    }

    private String address(int node) {
        return nodes.get(node).address().toString();
    }

    @Test
    @Order(1)
    void theyBecomeOneCluster() throws IOException {
        Run.expecting(0, "create", address(0), address(1), address(2), address(3), address(4), address(5),
                "--replicas", "1", "--yes");

        JsonNode facts = Run.expecting(0, "check", any, "--replicas", "1", "--json").json();
        assertThat(facts.get("nodes")).extracting(node -> node.get("version").asText().split(" ")[0])
                .containsExactly("redis", "granary", "redis", "granary", "redis", "granary");
        assertThat(Run.expecting(0, "create", address(0), address(1), address(2), address(3), address(4), address(5)).out())
                .contains("formed already");
    }

    @Test
    @Order(2)
    void aServerOutsideSendsItsKeys() throws IOException {
        assertThat(Deadline.inSeconds(SECONDS).await(this::listens)).isTrue();
        try (Connection connection = source.connect()) {
            connection.call("AUTH", "secret");
            for (int i = 0; i < KEYS; i++) {
                connection.call("SET", i % 10 == 0 ? TAG + i : "key:" + i, "value " + i);
            }
        }
        String from = source.address().toString();
        assertThat(Run.expecting(1, "import", any, "--from", from).err()).contains("NOAUTH").contains("--from-pass");
        assertThat(Run.expecting(0, "import", any, "--cluster-from", from, "--from-pass", "secret", "--copy", "--json")
                .json().get("keys").asInt()).isEqualTo(KEYS);
        assertThat(Run.expecting(1, "import", any, "--from", from, "--from-pass", "secret").err()).contains("--replace");
        Run.expecting(0, "import", any, "--from", from, "--from-pass", "secret", "--replace");

        assertThat(keys()).isEqualTo(KEYS);
        assertThat(Run.expecting(1, "import", any, "--from", address(0)).err()).contains("is a node of a cluster");
    }

    private boolean listens() {
        try (Connection _ = source.connect()) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static int keysOf(JsonNode info) {
        return info.get("keys").asInt();
    }

    private int keys() throws IOException {
        return keysOf(Run.expecting(0, "info", any, "--json").json());
    }

    @Test
    @Order(3)
    void aMoveThatWasInterruptedIsFinishedInBothDirections() throws IOException {
        int slot = Slot.of(TAG.getBytes(StandardCharsets.US_ASCII));
        for (int from : new int[] {2, 1}) {
            TrialNode giver = nodes.get(from);
            TrialNode taker = nodes.get(3 - from);
            halfMove(slot, giver, taker);
            Run.expecting(3, "check", any);

            JsonNode done = Run.expecting(0, "fix", any, "--yes", "--json").json();

            assertThat(done.get("steps").get(0).get("kind").asText()).isEqualTo("finish");
            assertThat(taker.ask("CLUSTER", "COUNTKEYSINSLOT", slot)).isEqualTo(Integer.toString(KEYS / 10));
            assertThat(giver.ask("CLUSTER", "COUNTKEYSINSLOT", slot)).isEqualTo("0");
        }
        assertThat(keys()).isEqualTo(KEYS);
    }

    /** Opens a slot and moves some of its keys. */
    private static void halfMove(int slot, TrialNode giver, TrialNode taker) throws IOException {
        taker.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", giver.ask("CLUSTER", "MYID"));
        giver.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", taker.ask("CLUSTER", "MYID"));
        giver.ask("MIGRATE", taker.address().host(), taker.address().port(), "", 0, 5000, "KEYS", TAG + 10, TAG + 20);
    }

    @Test
    @Order(4)
    void strayKeysGoHomeUnlessTheirValuesDiffer() throws IOException {
        int slot = Slot.of(TAG.getBytes(StandardCharsets.US_ASCII));
        TrialNode owner = nodes.get(2);
        TrialNode holder = nodes.get(1);
        halfMove(slot, owner, holder);
        owner.ask("CLUSTER", "SETSLOT", slot, "STABLE");
        holder.ask("CLUSTER", "SETSLOT", slot, "STABLE");
        owner.ask("SET", TAG + 10, "another value");

        assertThat(Run.expecting(3, "check", any, "--search-multiple-owners").out()).contains("that are not its own");
        Run failed = Run.expecting(3, "fix", any, "--search-multiple-owners", "--yes");
        assertThat(failed.err()).contains("different values of " + TAG + 10).contains("--replace");
        assertThat(owner.ask("GET", TAG + 10)).isEqualTo("another value");

        owner.ask("DEL", TAG + 10);
        Run.expecting(0, "fix", any, "--search-multiple-owners", "--yes");
        assertThat(owner.ask("GET", TAG + 10)).isEqualTo("value 10");
        assertThat(keys()).isEqualTo(KEYS);
    }

    @Test
    @Order(5)
    void replicasOfEitherKindTakeOver() throws IOException {
        for (int node : new int[] {3, 4}) {
            JsonNode done = Run.expecting(0, "failover", any, address(node), "--json").json().get("failovers").get(0);
            assertThat(done.get("node").asText()).isEqualTo(address(node));
            assertThat(nodes.get(node).info("replication").text("role")).isEqualTo("master");
        }
        assertThat(keys()).isEqualTo(KEYS);
    }

    @Test
    @Order(6)
    void aNodeComesAndAnotherGoes() throws IOException {
        cluster.nodes().subList(0, MEMBERS).forEach(node -> assertThat(node.isRunning()).isTrue());
        Run.expecting(0, "add-node", address(MEMBERS), any, "--replica", "--primary-id", address(4));
        String leaver = nodes.get(1).ask("CLUSTER", "MYID");
        Run.expecting(0, "del-node", address(0), leaver);

        assertThat(nodes.get(1).ask("CLUSTER", "NODES").lines()).hasSize(1);
        JsonNode facts = Run.expecting(0, "check", address(0), "--replicas", "1", "--json").json();
        assertThat(facts.get("nodes")).hasSize(MEMBERS);
        assertThat(keysOf(Run.expecting(0, "info", address(0), "--json").json())).isEqualTo(KEYS);
    }
}
