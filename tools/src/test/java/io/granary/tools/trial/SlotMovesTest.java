package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.resp.Frame;
import io.granary.slots.Slot;
import io.granary.slots.keyspace.AccessClock;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slots move from primary to primary with all their data, or stay where they are. */
class SlotMovesTest {

    private static final int TIMEOUT_MS = 20_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int BIG_BYTES = 50_000_000;
    private static final int CHUNK_BYTES = 512 * 1024;

    private EmbeddedCluster cluster;
    private final List<Connection> connections = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (Connection each : connections) {
            each.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    private void start(int primaries, int replicas) {
        cluster = EmbeddedCluster.startWithReplicas(primaries, replicas, "--enable-debug-command", "yes",
                "--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0");
    }

    // ---- asking

    private Connection connect(int node) throws IOException {
        Connection connection = Connection.open(address(cluster.node(node)), TIMEOUT_MS);
        connections.add(connection);
        return connection;
    }

    private static Address address(EmbeddedNode node) {
        return Address.local(node.port());
    }

    private List<Address> addresses() {
        return cluster.nodes().stream().map(SlotMovesTest::address).toList();
    }

    private String id(int node) {
        return cluster.node(node).id().hex();
    }

    /** The jobs that a node tells of, newest first. */
    private static List<Map<String, String>> jobs(Connection node) throws IOException {
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

    private static void awaitState(Connection node, String state) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).untilAsserted(() -> {
            List<Map<String, String>> jobs = jobs(node);
            assertThat(jobs).isNotEmpty().allSatisfy(job ->
                    assertThat(job.get("state")).as(job.toString()).isIn("success", "failed", "cancelled"));
            assertThat(jobs.getFirst().get("state")).as(jobs.toString()).isEqualTo(state);
        });
    }

    private static long keysIn(Connection node, int first, int last) throws IOException {
        long keys = 0;
        for (int slot = first; slot <= last; slot++) {
            keys += Long.parseLong(node.text("CLUSTER", "COUNTKEYSINSLOT", slot));
        }
        return keys;
    }

    private static List<String> keys(String prefix, int count, IntPredicate slots) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; keys.size() < count; i++) {
            String key = prefix + i;
            if (slots.test(Slot.of(key.getBytes(StandardCharsets.US_ASCII)))) {
                keys.add(key);
            }
        }
        return keys;
    }

    private static void fill(Connection node, List<String> keys) throws IOException {
        for (String key : keys) {
            node.send("SET", key, "value of " + key);
        }
        for (int i = 0; i < keys.size(); i++) {
            node.receive();
        }
    }

    private static List<String> digests(Connection node, List<String> keys) throws IOException {
        List<String> digests = new ArrayList<>();
        for (String key : keys) {
            digests.add(((Frame.Array) node.call("DEBUG", "DIGEST-VALUE", key)).items().getFirst().text());
        }
        return digests;
    }

    private void awaitOwner(int slot, int owner) {
        await().atMost(PATIENCE).until(() -> cluster.nodes().stream().filter(EmbeddedNode::isRunning).allMatch(
                node -> node.view().owner(slot) != null && node.view().owner(slot).id().hex().equals(id(owner))));
    }

    // ---- moves

    @Test
    void severalRangesMoveToSeveralNodesUnderLoad() throws IOException {
        start(3, 0);
        IntPredicate moving = slot -> slot <= 1000 || slot >= 2000 && slot <= 2100 || slot == 3000;
        List<String> keys = keys("still:", 5000, slot -> slot <= 1000);
        Connection source = connect(0);
        fill(source, keys);
        List<String> before = digests(source, keys);
        try (CheckedLoad load = CheckedLoad.start(addresses(), moving, 3, 200, 0)) {
            await().atMost(PATIENCE).until(() -> load.count() > 1000);
            assertThat(source.text("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 500, 501, 1000, "NODE", id(1),
                    "SLOTSRANGE", 2000, 2100, 3000, 3000, "NODE", id(2))).isEqualTo("OK");
            await().atMost(PATIENCE).until(() -> jobs(source).stream().allMatch(job -> job.get("state").equals("success")));
            long then = load.count();
            await().atMost(PATIENCE).until(() -> load.count() > then + 1000);
            load.stop();
            assertThat(load.faults()).isEmpty();
        }
        assertThat(jobs(source)).extracting(job -> job.get("slot_ranges"))
                .containsExactlyInAnyOrder("0-1000", "2000-2100 3000-3000");
        assertThat(digests(connect(1), keys)).isEqualTo(before);
        awaitOwner(1000, 1);
        awaitOwner(3000, 2);
        await().atMost(PATIENCE).until(() -> keysIn(source, 0, 1000) + keysIn(source, 2000, 2100) == 0);
        assertThat(jobs(connect(1)).getFirst()).containsEntry("operation", "IMPORT").containsEntry("state", "success")
                .containsEntry("source_node", id(0)).containsEntry("target_node", id(1))
                .containsEntry("slot_ranges", "0-1000");
    }

    @Test
    void aBigValueMovesInPieces() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        String key = keys("big:", 1, slot -> slot <= 100).getFirst();
        byte[] value = new byte[BIG_BYTES];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (i * 31 + (i >> 8));
        }
        source.call("SET", key, value, "PX", 10_000_000);
        List<String> before = digests(source, List.of(key));
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 100, "NODE", id(1));
        awaitState(source, "success");
        Connection target = connect(1);
        assertThat(digests(target, List.of(key))).isEqualTo(before);
        assertThat(target.text("STRLEN", key)).isEqualTo(Integer.toString(BIG_BYTES));
        assertThat(Long.parseLong(target.text("PTTL", key))).isBetween(9_000_000L, 10_000_000L);
    }

    @ParameterizedTest
    @CsvSource({"allkeys-lru, IDLETIME, 5000", "allkeys-lfu, FREQ, 100", "allkeys-lfu, FREQ, 0"})
    void whatWasLongUnusedOrUsedOftenIsSoAtTheTarget(String policy, String unit, long number) throws IOException {
        start(3, 0);
        Connection source = connect(0);
        Connection target = connect(1);
        source.call("CONFIG", "SET", "maxmemory-policy", policy);
        target.call("CONFIG", "SET", "maxmemory-policy", policy);
        List<String> keys = keys("key:", 2, slot -> slot <= 100);
        fill(source, keys);
        source.call("SET", keys.get(1), "x".repeat(600_000), "EX", 1000);
        for (String key : keys) {
            Frame value = source.call("DUMP", key);
            source.call("RESTORE", key, source.text("PTTL", key).replace("-1", "0"), ((Frame.Bulk) value).bytes(), "REPLACE",
                    unit, number);
        }
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 100, "NODE", id(1));
        awaitState(source, "success");
        for (String key : keys) {
            // seconds may pass, and the counter falls by one a minute
            assertThat(Long.parseLong(target.text("OBJECT", unit, key))).as(key).isBetween(number - number / 10, number + 100);
            assertThat(Long.parseLong(target.text("OBJECT", unit, key))).as(key).isNotEqualTo(AccessClock.LFU_INITIAL);
        }
    }

    @Test
    void aReplicaOfTheTargetHasEverythingWhenTheTargetDies() throws IOException {
        start(3, 1);
        Connection source = connect(0);
        List<String> keys = keys("still:", 3000, slot -> slot <= 1000);
        fill(source, keys);
        List<String> before = digests(source, keys);
        try (CheckedLoad load = CheckedLoad.start(addresses(), slot -> slot <= 1000, 2, 100, 500_000)) {
            source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 1000, "NODE", id(1));
            awaitState(source, "success");
            load.stop();
            cluster.node(1).stop();
            awaitOwner(0, 4);
            assertThat(load.faults()).isEmpty();
        }
        assertThat(digests(connect(4), keys)).isEqualTo(before);
    }

    @Test
    void anEmptyMoveIsQuickAndSoAreManyAtOnce() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        List<Object> words = new ArrayList<>(List.of("CLUSTER", "MIGRATESLOTS"));
        for (int i = 0; i < 8; i++) {
            words.addAll(List.of("SLOTSRANGE", i * 100, i * 100 + 49, "NODE", id(1 + i % 2)));
        }
        source.call(words.toArray());
        await().atMost(PATIENCE).until(() -> jobs(source).stream().allMatch(job -> job.get("state").equals("success")));
        assertThat(jobs(source)).hasSize(8);
        awaitOwner(749, 2);
    }

    // ---- moves that end early

    /** Begins a move that stands still in the middle until the source's {@code rdb-key-save-delay} is 0 again. */
    private List<String> moveStuckInTheMiddle(Connection source, Connection target) throws IOException {
        List<String> keys = keys("still:", 1000, slot -> slot <= 1000);
        fill(source, keys);
        source.call("CONFIG", "SET", "rdb-key-save-delay", 10_000_000);
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 1000, "NODE", id(1));
        await().atMost(PATIENCE).until(() -> keysIn(target, 0, 1000) > 0);
        assertThat(jobs(source).getFirst()).containsEntry("state", "snapshotting");
        assertThat(keysIn(target, 0, 1000)).isLessThan(keys.size());
        return keys;
    }

    private void assertNothingHasMoved(Connection source, Connection target, List<String> keys) throws IOException {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(jobs(target).getFirst().get("state")).isEqualTo("failed");
            assertThat(keysIn(target, 0, 1000)).isZero();
        });
        for (String key : keys) {
            assertThat(source.text("GET", key)).isEqualTo("value of " + key);
        }
        assertThat(source.text("DBSIZE")).isEqualTo(Integer.toString(keys.size()));
        awaitOwner(0, 0);
    }

    @Test
    void aMoveCanBeCancelledAndBegunAgain() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        Connection target = connect(1);
        List<String> keys = moveStuckInTheMiddle(source, target);
        assertThat(refusal(source, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 7, 7, "NODE", id(2)))
                .isEqualTo("ERR I am already migrating slot 7.");
        assertThat(source.text("CLUSTER", "CANCELSLOTMIGRATIONS")).isEqualTo("OK");
        awaitState(source, "cancelled");
        assertNothingHasMoved(source, target, keys);
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 1000, "NODE", id(1));
        awaitState(source, "success");
        assertThat(target.text("GET", keys.getFirst())).isEqualTo("value of " + keys.getFirst());
    }

    @Test
    void aCutLinkEndsTheMoveOnBothSides() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        Connection target = connect(1);
        List<String> keys = moveStuckInTheMiddle(source, target);
        target.call("CLIENT", "KILL", "TYPE", "master");
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "failed");
        assertThat(jobs(source).getFirst().get("message")).contains("Connection lost");
        assertNothingHasMoved(source, target, keys);
    }

    @Test
    void aFlushEndsMovesOnEitherSide() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        Connection target = connect(1);
        List<String> keys = moveStuckInTheMiddle(source, target);
        target.call("FLUSHALL");
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "failed");
        assertNothingHasMoved(source, target, keys);
        assertThat(jobs(target).getFirst().get("message")).isEqualTo("Data was flushed");
        moveStuckInTheMiddle(source, target);
        source.call("FLUSHALL");
        awaitState(source, "failed");
        assertThat(jobs(source).getFirst().get("message")).isEqualTo("Data was flushed");
        assertNothingHasMoved(source, target, List.of());
        assertThat(target.text("DBSIZE")).isEqualTo("0");
    }

    @Test
    void whatIsOnItsWayIsHiddenFromClientsOfTheTarget() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        Connection target = connect(1);
        List<String> keys = moveStuckInTheMiddle(source, target);
        assertThat(target.text("DBSIZE")).isEqualTo("0");
        assertThat(((Frame.Array) target.call("KEYS", "*")).items()).isEmpty();
        assertThat(target.call("RANDOMKEY")).isInstanceOf(Frame.Null.class);
        assertThat(refusal(target, "GET", keys.getFirst())).startsWith("MOVED");
        assertThat(jobs(target).getFirst()).containsEntry("state", "receiving-snapshot");
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "success");
        assertThat(target.text("DBSIZE")).isEqualTo(Integer.toString(keys.size()));
    }

    @Test
    void aSnapshotOfTheSourceWaitsForTheMoveAndTheMoveForOthers() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        List<String> keys = moveStuckInTheMiddle(source, connect(1));
        assertThat(refusal(source, "BGSAVE")).startsWith("ERR");
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 2000, 2000, "NODE", id(2));
        await().atMost(PATIENCE).until(() -> jobs(source).getFirst().get("state").equals("waiting-to-snapshot"));
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "success");
        await().atMost(PATIENCE).until(() -> jobs(source).stream().allMatch(job -> job.get("state").equals("success")));
        assertThat(connect(1).text("DBSIZE")).isEqualTo(Integer.toString(keys.size()));
    }

    @Test
    void whatAFileHoldsOfAMoveIsRemovedAfterARestart() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        Connection target = connect(1);
        List<String> keys = moveStuckInTheMiddle(source, target);
        target.call("SAVE");
        cluster.node(1).stop();
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "failed");
        cluster.node(1).start();
        Connection again = connect(1);
        await().atMost(PATIENCE).until(() -> cluster.node(1).view().ok());
        assertThat(keysIn(again, 0, 1000)).isZero();
        assertThat(((Frame.Array) again.call("KEYS", "*")).items()).isEmpty();
        assertThat(cluster.node(1).view().importing()).isEmpty();
        assertThat(cluster.node(1).view().handOvers().imports()).isEmpty();
        assertThat(source.text("DBSIZE")).isEqualTo(Integer.toString(keys.size()));
        awaitOwner(0, 0);
    }

    @Test
    void aReplicaThatIsPromotedInTheMiddleRemovesWhatHasCome() throws IOException {
        start(3, 1);
        Connection source = connect(0);
        Connection replica = connect(4);
        moveStuckInTheMiddle(source, connect(1));
        await().atMost(PATIENCE).until(() -> keysIn(replica, 0, 1000) > 0);
        assertThat(replica.text("DBSIZE")).as("replicas hide it, too").isEqualTo("0");
        cluster.node(1).stop();
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "failed");
        await().atMost(PATIENCE).until(() -> cluster.node(4).view().myself().isPrimary() && keysIn(replica, 0, 1000) == 0);
        awaitOwner(0, 0);
    }

    @Test
    void aSourceThatIsReplacedGivesTheMoveUp() throws IOException {
        start(3, 1);
        Connection source = connect(0);
        Connection target = connect(1);
        List<String> keys = moveStuckInTheMiddle(source, target);
        connect(3).call("CLUSTER", "FAILOVER");
        awaitState(source, "failed");
        awaitOwner(0, 3);
        awaitState(target, "failed");
        assertThat(keysIn(target, 0, 1000)).isZero();
        assertThat(connect(3).text("DBSIZE")).isEqualTo(Integer.toString(keys.size()));
    }

    @Test
    void aTargetWithoutRoomRefusesAndKeepsWhatItHas() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        Connection target = connect(1);
        String own = keys("own:", 1, slot -> slot > 6000 && slot < 10_000).getFirst();
        target.call("SET", own, "1");
        byte[] value = new byte[CHUNK_BYTES];
        for (String key : keys("large:", 40, slot -> slot <= 1000)) {
            source.call("SET", key, value);
        }
        target.call("CONFIG", "SET", "maxmemory", "5mb");
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 1000, "NODE", id(1));
        awaitState(source, "failed");
        awaitState(target, "failed");
        assertThat(keysIn(target, 0, 1000)).isZero();
        assertThat(jobs(target).getFirst().get("message")).contains("OOM");
        assertThat(target.text("GET", own)).isEqualTo("1");
        assertThat(source.text("DBSIZE")).isEqualTo("40");
    }

    @Test
    void writersThatOutpaceTheLinkEndTheMove() throws IOException {
        start(3, 0);
        Connection source = connect(0);
        source.call("CONFIG", "SET", "client-output-buffer-limit", "replica 3mb 0 0");
        List<String> keys = moveStuckInTheMiddle(source, connect(1));
        for (int i = 0; i < 20; i++) {
            source.call("SET", keys.get(i), new byte[CHUNK_BYTES]);
        }
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "failed");
        assertThat(jobs(source).getFirst().get("message")).contains("client-output-buffer-limit");
    }

    // ---- the commands

    private static String refusal(Connection node, Object... words) throws IOException {
        try {
            return node.text(words);
        } catch (ErrorReply refusal) {
            return refusal.getMessage();
        }
    }

    @Test
    void whatCannotBeMovedIsRefusedInValkeysWords() throws IOException {
        start(3, 0);
        Connection node = connect(0);
        String other = id(1);
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE")).startsWith("ERR wrong number of arguments");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTS", 0, 1, "NODE", other)).isEqualTo("ERR syntax error");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", "NODE", other))
                .isEqualTo("ERR No slot ranges specified");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 16384, "NODE", other))
                .isEqualTo("ERR Invalid or out of range slot");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 2, 1, "NODE", other))
                .isEqualTo("ERR Start slot number 2 is greater than end slot number 1.");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, 5, 6, "NODE", other))
                .isEqualTo("ERR Slot range 5-6 overlaps with previous range 0-5.");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, "NODE", "abc"))
                .isEqualTo("ERR Invalid node name: abc");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, "NODE", "f".repeat(40)))
                .isEqualTo("ERR Unknown node name: " + "f".repeat(40));
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, "NODE", id(0)))
                .isEqualTo("ERR Target node can not be this node.");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 6000, 6001, "NODE", other))
                .isEqualTo("ERR Slots are not served by this node.");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 16383, "NODE", other))
                .isEqualTo("ERR Requested slots span multiple shards");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, "NODE", other,
                "SLOTSRANGE", 5, 6, "NODE", other))
                .isEqualTo("ERR Slot ranges in migrations overlap");
        assertThat(refusal(node, "CLUSTER", "CANCELSLOTMIGRATIONS")).isEqualTo("ERR No migrations ongoing");
        assertThat(jobs(node)).isEmpty();
    }
}
