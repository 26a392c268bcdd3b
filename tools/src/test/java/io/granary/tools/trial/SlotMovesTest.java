package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.resp.Frame;
import io.granary.slots.keyspace.AccessClock;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slots move from primary to primary with all their data, while clients go on. */
class SlotMovesTest extends MovingSlots {

    private static final int BIG_BYTES = 50_000_000;

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
            assertThat(Long.parseLong(target.text("OBJECT", unit, key))).as(key)
                    .isBetween(number - number / 10, number + 100);
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
}
