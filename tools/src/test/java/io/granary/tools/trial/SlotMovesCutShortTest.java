package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.resp.Frame;
import io.granary.slots.Slot;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A move that ends early, for whatever reason, leaves the slots where they were and nothing at the target. */
class SlotMovesCutShortTest extends MovingSlots {

    /** The order in which a move comes to keys. */
    private static final Comparator<String> BY_SLOT =
            Comparator.comparingInt(key -> Slot.of(key.getBytes(StandardCharsets.US_ASCII)));

    private Connection source;
    private Connection target;

    private void begin(int replicas) throws IOException {
        start(3, replicas);
        source = connect(0);
        target = connect(1);
    }

    private List<String> beginAMoveThatStandsStill(int replicas) throws IOException {
        begin(replicas);
        return moveStuckInTheMiddle(source, target);
    }

    private void assertNothingHasMoved(List<String> keys) throws IOException {
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
        List<String> keys = beginAMoveThatStandsStill(0);
        assertThat(refusal(source, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 7, 7, "NODE", id(2)))
                .isEqualTo("ERR I am already migrating slot 7.");
        assertThat(source.text("CLUSTER", "CANCELSLOTMIGRATIONS")).isEqualTo("OK");
        awaitState(source, "cancelled");
        assertNothingHasMoved(keys);
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 1000, "NODE", id(1));
        awaitState(source, "success");
        assertThat(target.text("GET", keys.getFirst())).isEqualTo("value of " + keys.getFirst());
    }

    @Test
    void aCutLinkEndsTheMoveOnBothSides() throws IOException {
        List<String> keys = beginAMoveThatStandsStill(0);
        target.call("CLIENT", "KILL", "TYPE", "master");
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "failed");
        assertThat(jobs(source).getFirst().get("message")).contains("Connection lost");
        assertNothingHasMoved(keys);
    }

    @Test
    void aFlushEndsMovesOnEitherSide() throws IOException {
        List<String> keys = beginAMoveThatStandsStill(0);
        target.call("FLUSHALL");
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
        awaitState(source, "failed");
        assertNothingHasMoved(keys);
        assertThat(jobs(target).getFirst().get("message")).isEqualTo("Data was flushed");
        moveStuckInTheMiddle(source, target);
        source.call("FLUSHALL");
        awaitState(source, "failed");
        assertThat(jobs(source).getFirst().get("message")).isEqualTo("Data was flushed");
        assertNothingHasMoved(List.of());
        assertThat(target.text("DBSIZE")).isEqualTo("0");
    }

    @Test
    void whatAFileHoldsOfAMoveIsRemovedAfterARestart() throws IOException {
        List<String> keys = beginAMoveThatStandsStill(0);
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
        beginAMoveThatStandsStill(1);
        Connection replica = connect(4);
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
        List<String> keys = beginAMoveThatStandsStill(1);
        connect(3).call("CLUSTER", "FAILOVER");
        awaitState(source, "failed");
        awaitOwner(0, 3);
        awaitState(target, "failed");
        assertThat(keysIn(target, 0, 1000)).isZero();
        assertThat(connect(3).text("DBSIZE")).isEqualTo(Integer.toString(keys.size()));
    }

    @Test
    void aTargetWithoutRoomRefusesAndKeepsWhatItHas() throws IOException {
        begin(0);
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
        begin(0);
        source.call("CONFIG", "SET", "client-output-buffer-limit", "replica 3mb 0 0");
        String reached = Collections.min(moveStuckInTheMiddle(source, target), BY_SLOT);
        overwrite(reached);
        awaitState(source, "failed");
        assertThat(jobs(source).getFirst().get("message")).contains("client-output-buffer-limit");
    }

    @Test
    void writersInSlotsThatAreYetToComeDoNotOutpaceTheLink() throws IOException {
        begin(0);
        source.call("CONFIG", "SET", "client-output-buffer-limit", "replica 3mb 0 0");
        String toCome = Collections.max(moveStuckInTheMiddle(source, target), BY_SLOT);
        overwrite(toCome);
        awaitState(source, "success");
        assertThat(target.text("STRLEN", toCome)).isEqualTo(Integer.toString(CHUNK_BYTES));
    }

    /** So often that a queue of these changes would be too long, while the move stands still; then it goes on. */
    private void overwrite(String key) throws IOException {
        for (int i = 0; i < 20; i++) {
            source.call("SET", key, new byte[CHUNK_BYTES]);
        }
        source.call("CONFIG", "SET", "rdb-key-save-delay", 0);
    }
}
