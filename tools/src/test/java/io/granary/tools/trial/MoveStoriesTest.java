package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import io.granary.slots.Slot;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeEntry;
import io.granary.tools.cluster.PortRange;
import io.granary.tools.cluster.TestLauncher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nodes die in the middle of a move, as processes under {@code kill -9}. However far the move had come: afterwards each
 * slot has one owner in the view of all nodes, nobody else holds keys of it, and every write that was acknowledged and
 * had reached a replica is there, once.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MoveStoriesTest {

    private static final int NODES = 6;
    private static final int NODE_TIMEOUT_MS = 2000;
    private static final int MOVED = 1000;
    private static final int KEYS = 20_000;
    private static final int VALUE_BYTES = 1000;
    private static final int WARM_WRITES = 100;
    private static final int SECONDS = 90;
    private static final long POLL_NANOS = 200_000;

    private TrialCluster cluster;

    @BeforeAll
    void form(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path folder) throws IOException {
        Program granary = Program.granary(TestLauncher.writeTo(folder));
        cluster = TrialCluster.start(Collections.nCopies(NODES, granary), PortRange.free(NODES), folder, NODE_TIMEOUT_MS);
    }

    @AfterAll
    void end() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void settle() throws IOException {
        cluster.awaitSettled();
    }

    private enum Side { SOURCE, TARGET }

    @ParameterizedTest
    @CsvSource({"SOURCE,50", "TARGET,50", "SOURCE,failover-paused", "TARGET,failover-paused"})
    void aNodeDiesInTheMiddleOfAMove(Side victim, String moment) throws IOException {
        tell(victim, moment);
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({
        "SOURCE,10", "TARGET,10", "SOURCE,90", "TARGET,90", "SOURCE,replicating", "TARGET,replicating",
        "SOURCE,failover-granted", "TARGET,failover-granted", "SOURCE,success", "TARGET,success"
    })
    void aNodeDiesAtAnotherMoment(Side victim, String moment) throws IOException {
        tell(victim, moment);
    }

    private void tell(Side victim, String moment) throws IOException {
        TrialNode source = ownerOfSlot(0);
        TrialNode target = cluster.primaries().stream().filter(node -> node != source).findFirst().orElseThrow();
        List<String> still = fill(source);
        List<Address> nodes = cluster.nodes().stream().map(TrialNode::address).toList();
        TrialNode dying = victim == Side.SOURCE ? source : target;
        try (CheckedLoad load = CheckedLoad.startConfirmed(nodes, slot -> slot < MOVED, 2, 100, 1_000_000)) {
            require(() -> load.count() > WARM_WRITES, "the load does not get going");
            source.ask("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, MOVED - 1, "NODE", target.ask("CLUSTER", "MYID"));
            String seen = awaitMoment(source, target, moment);
            dying.kill();
            System.out.println("killed the " + victim + " at " + moment + ", the source said " + seen);
            dying.start();
            cluster.awaitSettled();
            require(this::agree, "the nodes do not agree who owns what");
            long then = load.count();
            require(() -> load.count() > then + WARM_WRITES, "writes do not go on");
            load.stop();
            assertThat(load.faults()).isEmpty();
        }
        require(() -> leftovers().isEmpty(), "somebody holds keys of others");
        TrialNode owner = ownerOfSlot(0);
        for (String key : still) {
            assertThat(owner.ask("STRLEN", key)).isEqualTo(Integer.toString(VALUE_BYTES));
        }
        require(this::nothingRuns, "a move goes on for ever");
    }

    // ---- doing

    private static void require(Deadline.Condition condition, String otherwise) throws IOException {
        assertThat(Deadline.inSeconds(SECONDS).await(condition)).as(otherwise).isTrue();
    }

    /** Fills the slots that move; returns some of the keys. */
    private static List<String> fill(TrialNode node) throws IOException {
        String value = "x".repeat(VALUE_BYTES);
        List<String> sample = new ArrayList<>();
        int number = 0;
        try (Connection connection = Connection.open(node.address(), SECONDS * 1000)) {
            for (int i = 0; i < KEYS; number++) {
                String key = "still:" + number;
                if (slot(key) < MOVED) {
                    connection.send("SET", key, value);
                    if (i++ % 500 == 0) {
                        sample.add(key);
                    }
                }
            }
            for (int i = 0; i < KEYS; i++) {
                connection.receive();
            }
        }
        return sample;
    }

    private static int slot(String key) {
        return Slot.of(key.getBytes(StandardCharsets.US_ASCII));
    }

    /** Waits until a part of the data has come, or the source says that it is so far. */
    private static String awaitMoment(TrialNode source, TrialNode target, String moment) throws IOException {
        Deadline deadline = Deadline.inSeconds(SECONDS);
        boolean part = Character.isDigit(moment.charAt(0));
        try (Connection asked = Connection.open((part ? target : source).address(), SECONDS * 1000)) {
            while (!deadline.passed()) {
                String state = part ? "" : state(asked);
                boolean reached = part
                        ? !asked.text("CLUSTER", "COUNTKEYSINSLOT", MOVED * Integer.parseInt(moment) / 100).equals("0")
                        : order(state) >= order(moment);
                if (reached) {
                    return part ? "that it sends" : state;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
        throw new IOException("the move does not come so far");
    }

    private static int order(String state) {
        return List.of("connecting", "reading-establish-response", "waiting-to-snapshot", "snapshotting", "replicating",
                "waiting-to-pause", "failover-paused", "failover-granted", "success", "failed").indexOf(state);
    }

    private static String state(Connection node) throws IOException {
        List<Frame> jobs = ((Frame.Array) node.call("CLUSTER", "GETSLOTMIGRATIONS")).items();
        List<Frame> fields = jobs.isEmpty() ? List.of() : ((Frame.Array) jobs.getFirst()).items();
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).text().equals("state")) {
                return fields.get(i + 1).text();
            }
        }
        return "";
    }

    // ---- looking

    private TrialNode ownerOfSlot(int slot) throws IOException {
        String id = owners(cluster.nodes().getFirst()).get(slot);
        for (TrialNode node : cluster.nodes()) {
            if (node.ask("CLUSTER", "MYID").equals(id)) {
                return node;
            }
        }
        throw new IOException("nobody owns slot " + slot);
    }

    private static Map<Integer, String> owners(TrialNode node) throws IOException {
        Map<Integer, String> owners = new TreeMap<>();
        for (NodeEntry entry : TrialCluster.view(node)) {
            entry.slots().forEach(range -> {
                for (int slot = range.first(); slot <= range.last(); slot++) {
                    owners.put(slot, entry.id());
                }
            });
        }
        return owners;
    }

    private boolean agree() throws IOException {
        Map<Integer, String> first = owners(cluster.nodes().getFirst());
        boolean same = first.size() == Slot.COUNT;
        for (TrialNode node : cluster.nodes()) {
            same &= owners(node).equals(first);
        }
        return same;
    }

    /** Slots of which a node holds keys that neither owns them nor follows their owner. */
    private List<String> leftovers() throws IOException {
        List<String> left = new ArrayList<>();
        for (TrialNode node : cluster.nodes()) {
            String leader = cluster.ownerOf(node).ask("CLUSTER", "MYID");
            Map<Integer, String> owners = owners(node);
            try (Connection connection = Connection.open(node.address(), SECONDS * 1000)) {
                for (int slot = 0; slot < MOVED; slot++) {
                    connection.send("CLUSTER", "COUNTKEYSINSLOT", slot);
                }
                for (int slot = 0; slot < MOVED; slot++) {
                    if (!connection.receive().text().equals("0") && !leader.equals(owners.get(slot))) {
                        left.add(node + " holds keys of slot " + slot);
                    }
                }
            }
        }
        return left;
    }

    private boolean nothingRuns() throws IOException {
        for (TrialNode node : cluster.nodes()) {
            try (Connection connection = node.connect()) {
                if (!List.of("", "success", "failed", "cancelled").contains(state(connection))) {
                    return false;
                }
            }
        }
        return true;
    }
}
