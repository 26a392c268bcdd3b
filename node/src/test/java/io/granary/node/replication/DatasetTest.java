package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.Clock;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which history a node's data are of, through changes of its role. */
class DatasetTest {

    private static final String OWN = "1".repeat(40);
    private static final ReplicationPoint FILE = new ReplicationPoint("f".repeat(40), 1000, 3);

    private final Keyspace keyspace =
            new Keyspace(NativeMemory.reserve(1 << 28, MemoryOptions.TEST), new KeyHash(1, 2), 4, false, 1);
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final ReplicationLog history = new ReplicationLog(() -> allocator, () -> 16 * 1024, ReplicationIds.of(OWN));
    private final NodeCondition condition = new NodeCondition();
    private final List<String> told = new ArrayList<>();
    private int names;
    private final Dataset dataset =
            new Dataset(keyspace, history, condition, this::name, Clock.SYSTEM, NodeLog.silent());

    /** Names that nobody has had before: c000..., c111... */
    private String name() {
        return "c" + Integer.toString(names++).repeat(39);
    }

    private static String given(int index) {
        return "c" + Integer.toString(index).repeat(39);
    }

    @BeforeEach
    void listen() {
        dataset.onHistoryChange(told::add);
    }

    @AfterEach
    void close() {
        history.close();
        keyspace.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    private void write() {
        history.append("PING\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void putKey() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocateFrom("key");
            keyspace.store(0, 0).putString(key, 0, 3, keyspace.hash(key, 0, 3), key, 0, 3, 0, -1);
        }
    }

    @Test
    void aPrimaryGoesOnBehindItsFileUnderANameOfItsOwn() {
        dataset.restore(FILE, false);
        assertThat(history.ids()).isEqualTo(new ReplicationIds(given(0), FILE.id(), 1001));
        assertThat(history.offset()).isEqualTo(1000);
        assertThat(dataset.synced()).isTrue();
    }

    @Test
    void aReplicaGoesOnInTheHistoryOfItsFile() {
        dataset.restore(FILE, true);
        assertThat(history.ids()).isEqualTo(ReplicationIds.of(FILE.id()));
        assertThat(history.offset()).isEqualTo(1000);
        assertThat(history.database()).isEqualTo(3);
        assertThat(history.active()).isFalse();
        assertThat(dataset.synced()).isTrue();
    }

    @Test
    void aPrimaryThatChangedNothingBecomesAReplicaInTheHistoryOfItsFile() {
        dataset.restore(FILE, false);
        assertThat(dataset.demoted()).isTrue();
        assertThat(history.ids()).isEqualTo(ReplicationIds.of(FILE.id()));
        dataset.tellOfFilesHistory();
        assertThat(told).containsExactly("this node goes on with the history of its file");
    }

    @Test
    void aPrimaryThatHasWrittenBecomesAReplicaInItsOwnHistory() {
        dataset.restore(FILE, false);
        write();
        assertThat(dataset.demoted()).isFalse();
        assertThat(history.ids().id()).isEqualTo(given(0));
        assertThat(history.active()).isFalse();
        assertThat(dataset.synced()).isTrue();
    }

    @Test
    void whatWasWrittenOnceIsNotForgottenByTheNextChangeOfTheRole() {
        dataset.restore(FILE, false);
        write();
        dataset.demoted();
        dataset.promoted();
        assertThat(dataset.demoted()).isFalse();
        assertThat(history.ids().id()).isEqualTo(given(1));
    }

    @Test
    void aPrimaryWithoutHistoryHasNothingToGoOnWithAsAReplica() {
        assertThat(dataset.demoted()).isFalse();
        assertThat(history.hasHistory()).isFalse();
        assertThat(dataset.synced()).isFalse();
    }

    @Test
    void aPromotionGivesTheHistoryANewNameAndKeepsTheOldOne() {
        dataset.restore(FILE, true);
        dataset.promoted();
        assertThat(history.ids()).isEqualTo(new ReplicationIds(given(0), FILE.id(), 1001));
        assertThat(history.active()).isTrue();
        dataset.tellOfNewName();
        assertThat(told).hasSize(1);
    }

    @Test
    void aPromotionWithoutHistoryIsNothingToTellOf() {
        dataset.promoted();
        dataset.tellOfNewName();
        assertThat(history.ids()).isEqualTo(ReplicationIds.of(OWN));
        assertThat(told).isEmpty();
    }

    @Test
    void dataThatMakeRoomAreGoneWithTheirHistoryUntilTheNodeLeads() {
        putKey();
        dataset.restore(FILE, true);
        assertThat(dataset.makeRoom(() -> true)).isTrue();
        assertThat(keyspace.size(0)).isZero();
        assertThat(dataset.present()).isFalse();
        assertThat(dataset.synced()).isFalse();
        assertThat(history.ids()).isEqualTo(ReplicationIds.of(given(0)));
        assertThat(history.hasHistory()).isFalse();
        assertThat(told).containsExactly("all data of this node make room for its master's");
        dataset.promoted();
        assertThat(dataset.present()).isTrue();
    }

    @Test
    void aLinkThatCountsNoMoreChangesNothing() {
        putKey();
        dataset.restore(FILE, true);
        assertThat(dataset.makeRoom(() -> false)).isFalse();
        assertThat(dataset.goesOn(() -> false, given(9))).isFalse();
        assertThat(keyspace.size(0)).isEqualTo(1);
        assertThat(history.ids()).isEqualTo(ReplicationIds.of(FILE.id()));
        assertThat(told).isEmpty();
    }

    @Test
    void thePrimarysNewNameIsToldOnToThoseWhoFollowHere() {
        dataset.restore(FILE, true);
        assertThat(dataset.goesOn(() -> true, null)).isTrue();
        assertThat(told).isEmpty();
        assertThat(dataset.goesOn(() -> true, given(9))).isTrue();
        assertThat(history.ids()).isEqualTo(new ReplicationIds(given(9), FILE.id(), 1001));
        assertThat(told).containsExactly("the master's history has a new name");
    }
}
