package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.resp.Frame;
import io.granary.slots.Slot;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;

/**
 * A cluster in this process for tests of {@code CLUSTER MIGRATESLOTS}: how it is filled, and asked what became of a move.
 */
abstract class MovingSlots {

    static final Duration PATIENCE = Duration.ofSeconds(60);
    /** A value that goes in pieces is longer than this. */
    static final int CHUNK_BYTES = 512 * 1024;
    private static final int TIMEOUT_MS = 20_000;

    EmbeddedCluster cluster;
    private final List<Connection> connections = new ArrayList<>();

    @AfterEach
    final void stop() throws IOException {
        for (Connection each : connections) {
            each.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    void start(int primaries, int replicas) {
        cluster = EmbeddedCluster.startWithReplicas(primaries, replicas, "--enable-debug-command", "yes",
                "--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0");
    }

    Connection connect(int node) throws IOException {
        Connection connection = Connection.open(address(cluster.node(node)), TIMEOUT_MS);
        connections.add(connection);
        return connection;
    }

    private static Address address(EmbeddedNode node) {
        return Address.local(node.port());
    }

    List<Address> addresses() {
        return cluster.nodes().stream().map(MovingSlots::address).toList();
    }

    String id(int node) {
        return cluster.node(node).id().hex();
    }

    /** The jobs that a node tells of, newest first. */
    static List<Map<String, String>> jobs(Connection node) throws IOException {
        List<Map<String, String>> jobs = new ArrayList<>();
        for (Frame each : ((Frame.Array) node.call("CLUSTER", "GETSLOTMIGRATIONS")).items()) {
            List<Frame> fields = ((Frame.Array) each).items();
            Map<String, String> job = new HashMap<>();
            for (int i = 0; i < fields.size(); i += 2) {
                job.put(fields.get(i).text(), fields.get(i + 1).text());
            }
            jobs.add(job);
        }
        return jobs;
    }

    static void awaitState(Connection node, String state) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).untilAsserted(() -> {
            List<Map<String, String>> jobs = jobs(node);
            assertThat(jobs).isNotEmpty().allSatisfy(job ->
                    assertThat(job.get("state")).as(job.toString()).isIn("success", "failed", "cancelled"));
            assertThat(jobs.getFirst().get("state")).as(jobs.toString()).isEqualTo(state);
        });
    }

    static long keysIn(Connection node, int first, int last) throws IOException {
        long keys = 0;
        for (int slot = first; slot <= last; slot++) {
            keys += Long.parseLong(node.text("CLUSTER", "COUNTKEYSINSLOT", slot));
        }
        return keys;
    }

    static List<String> keys(String prefix, int count, IntPredicate slots) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; keys.size() < count; i++) {
            String key = prefix + i;
            if (slots.test(Slot.of(key.getBytes(StandardCharsets.US_ASCII)))) {
                keys.add(key);
            }
        }
        return keys;
    }

    static void fill(Connection node, List<String> keys) throws IOException {
        for (String key : keys) {
            node.send("SET", key, "value of " + key);
        }
        for (int i = 0; i < keys.size(); i++) {
            node.receive();
        }
    }

    static List<String> digests(Connection node, List<String> keys) throws IOException {
        List<String> digests = new ArrayList<>();
        for (String key : keys) {
            digests.add(((Frame.Array) node.call("DEBUG", "DIGEST-VALUE", key)).items().getFirst().text());
        }
        return digests;
    }

    void awaitOwner(int slot, int owner) {
        await().atMost(PATIENCE).until(() -> cluster.nodes().stream().filter(EmbeddedNode::isRunning).allMatch(
                node -> node.view().owner(slot) != null && node.view().owner(slot).id().hex().equals(id(owner))));
    }

    /** Begins a move that stands still in the middle until the source's {@code rdb-key-save-delay} is 0 again. */
    List<String> moveStuckInTheMiddle(Connection source, Connection target) throws IOException {
        List<String> keys = keys("still:", 1000, slot -> slot <= 1000);
        fill(source, keys);
        source.call("CONFIG", "SET", "rdb-key-save-delay", 10_000_000);
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 1000, "NODE", id(1));
        await().atMost(PATIENCE).until(() -> keysIn(target, 0, 1000) > 0);
        assertThat(jobs(source).getFirst()).containsEntry("state", "snapshotting");
        assertThat(keysIn(target, 0, 1000)).isLessThan(keys.size());
        return keys;
    }

    static String refusal(Connection node, Object... words) throws IOException {
        try {
            return node.text(words);
        } catch (ErrorReply refusal) {
            return refusal.getMessage();
        }
    }
}
