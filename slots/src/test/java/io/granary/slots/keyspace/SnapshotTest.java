package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.slots.SlotSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotTest {

    private static final long LARGE_STEP = 1 << 20;

    private static void finish(SnapshotWalk walk) {
        for (int i = 0; walk.step(LARGE_STEP); i++) {
            assertThat(i).isLessThan(1_000_000);
        }
    }

    private static Map<String, String> collect(Fixture fixture, SlotSet slots) {
        Map<String, String> seen = new HashMap<>();
        SnapshotWalk walk = fixture.keyspace.snapshot(slots, into(seen));
        walk.begin(() -> {});
        finish(walk);
        return seen;
    }

    private static SnapshotVisitor into(Map<String, String> seen) {
        return (database, store, record) -> {
            String key = database + " " + Fixture.text(store.key(record));
            assertThat(seen.put(key, Fixture.text(store.value(record)))).as(key).isNull();
        };
    }

    @Test
    void anEmptyKeyspaceHasAnEmptySnapshot() {
        try (Fixture fixture = new Fixture(true)) {
            assertThat(collect(fixture, null)).isEmpty();
        }
    }

    @Test
    void aWriterShowsTheOldRecordBeforeItIsOverwritten() {
        try (Fixture fixture = new Fixture(false)) {
            fixture.put("a", "old");
            fixture.put("b", "here");
            Map<String, String> seen = new HashMap<>();
            SnapshotWalk walk = fixture.keyspace.snapshot(null, into(seen));
            walk.begin(() -> assertThat(seen).isEmpty());
            assertThat(seen).isEmpty();
            fixture.put("a", "new");
            assertThat(seen).isEqualTo(Map.of("0 a", "old"));
            fixture.put("a", "newer, and moved somewhere else");
            fixture.put("c", "born later");
            finish(walk);
            assertThat(seen).isEqualTo(Map.of("0 a", "old", "0 b", "here"));
        }
    }

    @Test
    void aKeyThatWasRemovedAndCameBackIsShownOnceAsItWas() {
        try (Fixture fixture = new Fixture(false)) {
            fixture.put("a", "old");
            Map<String, String> seen = new HashMap<>();
            SnapshotWalk walk = fixture.keyspace.snapshot(null, into(seen));
            walk.begin(() -> {});
            fixture.remove("a");
            fixture.put("a", "new");
            finish(walk);
            assertThat(seen).isEqualTo(Map.of("0 a", "old"));
            assertThat(collect(fixture, null)).isEqualTo(Map.of("0 a", "new"));
        }
    }

    @Test
    void onlyTheSlotsAskedForAreShown() {
        try (Fixture fixture = new Fixture(true)) {
            for (int i = 0; i < 1_000; i++) {
                fixture.put("k" + i, "v" + i);
            }
            SlotSet slots = SlotSet.of(fixture.slot("k1"), fixture.slot("k2"), fixture.slot("k999"));
            Map<String, String> expected = new HashMap<>();
            for (int i = 0; i < 1_000; i++) {
                if (slots.contains(fixture.slot("k" + i))) {
                    expected.put("0 k" + i, "v" + i);
                }
            }
            assertThat(collect(fixture, slots)).isEqualTo(expected);
            assertThat(collect(fixture, null)).hasSize(1_000);
        }
    }

    @Test
    void whatIsFlushedIsKeptUntilItWasShownAndThenFreed() {
        try (Fixture fixture = new Fixture(false)) {
            for (int i = 0; i < 20_000; i++) {
                fixture.put("k" + i, "v" + i);
            }
            Map<String, String> seen = new HashMap<>();
            SnapshotWalk walk = fixture.keyspace.snapshot(null, into(seen));
            walk.begin(() -> {});
            fixture.keyspace.flush(-1);
            fixture.put("k1", "new");
            assertThat(seen).isEmpty();
            finish(walk);
            assertThat(seen).hasSize(20_000).containsEntry("0 k1", "v1");
            fixture.remove("k1");
            reclaimAll(fixture);
            assertThat(fixture.keyspace.usedMemory()).isZero();
        }
    }

    private static void reclaimAll(Fixture fixture) {
        for (int i = 0; fixture.keyspace.reclaim(); i++) {
            assertThat(i).isLessThan(1_000_000);
        }
    }

    /** At every point of moves to larger and smaller tables, as no write comes in between that would drive them on. */
    @ParameterizedTest
    @ValueSource(ints = {12_000, 17_000, 23_000})
    void nothingIsLeftOutWhileATableMoves(int keys) {
        try (Fixture fixture = new Fixture(false)) {
            SlotStore store = fixture.only();
            int key = 0;
            while (key < keys || !store.isMoving()) {
                fixture.put("k" + key++, "v");
            }
            collectWhileMoving(fixture, store);
            while (!store.isMoving()) {
                fixture.remove("k" + --key);
            }
            collectWhileMoving(fixture, store);
        }
    }

    private static void collectWhileMoving(Fixture fixture, SlotStore store) {
        for (int i = 0; store.isMoving(); store.step(), i++) {
            if (i % 16 == 0 || i < 10) {
                assertThat(collect(fixture, null)).hasSize((int) store.size());
            }
        }
    }

    @Test
    void databasesAreNumberedAsAtTheCut() {
        try (Fixture fixture = new Fixture(false, 2)) {
            fixture.put(0, "a", "zero", -1);
            fixture.put(1, "a", "one", -1);
            Map<String, String> seen = new HashMap<>();
            SnapshotWalk walk = fixture.keyspace.snapshot(null, into(seen));
            walk.begin(() -> {});
            fixture.keyspace.swap(0, 1, 0);
            fixture.put(0, "a", "new", -1);
            assertThat(seen).isEqualTo(Map.of("1 a", "one"));
            finish(walk);
            assertThat(seen).isEqualTo(Map.of("0 a", "zero", "1 a", "one"));
        }
    }

    @Test
    void aSnapshotGivenUpShowsNothingMoreAndFreesWhatItKept() {
        try (Fixture fixture = new Fixture(false)) {
            for (int i = 0; i < 5_000; i++) {
                fixture.put("k" + i, "v");
            }
            Map<String, String> seen = new HashMap<>();
            SnapshotWalk walk = fixture.keyspace.snapshot(null, into(seen));
            walk.begin(() -> {});
            fixture.put("k1", "new");
            walk.step(1_000);
            int shown = seen.size();
            fixture.keyspace.flush(-1);
            walk.abort();
            reclaimAll(fixture);
            assertThat(fixture.keyspace.usedMemory()).isZero();
            assertThat(walk.step(LARGE_STEP)).isFalse();
            fixture.put("k1", "newer");
            assertThat(seen).hasSize(shown);
            assertThat(shown).isBetween(2, 4_999);
        }
    }

    /** More often than there are marks. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void snapshotsThatWereGivenUpDoNotHarmTheNext(boolean clustered) {
        try (Fixture fixture = new Fixture(clustered)) {
            Map<String, String> expected = new HashMap<>();
            for (int round = 0; round < 3 * RecordLayout.MARKS; round++) {
                for (int i = 0; i < 500; i++) {
                    fixture.put("k" + (round * 100 + i), "v" + round);
                    expected.put("0 k" + (round * 100 + i), "v" + round);
                }
                SnapshotWalk walk = fixture.keyspace.snapshot(null, into(new HashMap<>()));
                walk.begin(() -> {});
                walk.step(1_000);
                walk.abort();
            }
            assertThat(collect(fixture, null)).isEqualTo(expected);
            assertThat(collect(fixture, null)).isEqualTo(expected);
        }
    }

    @Test
    void onlyOneRunsAtATime() {
        try (Fixture fixture = new Fixture(false)) {
            fixture.put("a", "1");
            SnapshotWalk first = fixture.keyspace.snapshot(null, (_, _, _) -> {});
            SnapshotWalk second = fixture.keyspace.snapshot(null, (_, _, _) -> {});
            first.begin(() -> {});
            assertThatThrownBy(() -> second.begin(() -> {})).isInstanceOf(IllegalStateException.class);
            finish(first);
            second.begin(() -> {});
            second.abort();
            assertThat(collect(fixture, null)).hasSize(1);
        }
    }

    @Test
    void aCutThatFailsLeavesNothingBehind() {
        try (Fixture fixture = new Fixture(true)) {
            fixture.put("a", "1");
            List<String> seen = new ArrayList<>();
            SnapshotWalk walk = fixture.keyspace.snapshot(null, (_, _, _) -> seen.add("a"));
            assertThatThrownBy(() -> walk.begin(() -> {
                throw new IllegalArgumentException();
            })).isInstanceOf(IllegalArgumentException.class);
            fixture.put("a", "2");
            assertThat(seen).isEmpty();
            for (int i = 0; i < fixture.keyspace.stripes(); i++) {
                assertThat(fixture.keyspace.stripe(i).heldByCurrentThread()).isFalse();
            }
            assertThat(collect(fixture, null)).isEqualTo(Map.of("0 a", "2"));
        }
    }

    /** The thread that takes the cut has every lock at that moment. */
    @Test
    void theCutIsOneMomentForAllSlots() {
        try (Fixture fixture = new Fixture(true)) {
            fixture.put("a", "1");
            boolean[] all = {true};
            fixture.keyspace.snapshot(null, (_, _, _) -> {}).begin(() -> {
                for (int i = 0; i < fixture.keyspace.stripes(); i++) {
                    all[0] &= fixture.keyspace.stripe(i).heldByCurrentThread();
                }
            });
            assertThat(all[0]).isTrue();
        }
    }

    /** Takes up to a number of records, then is full until it is emptied. */
    private static final class SmallBasket implements SnapshotVisitor {

        private final int room;
        private int held;
        private int total;

        SmallBasket(int room) {
            this.room = room;
        }

        @Override
        public void visit(int database, SlotStore store, long record) {
            held++;
            total++;
        }

        @Override
        public boolean ready() {
            return held < room;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theWalkWaitsForAVisitorThatIsFullAndWritersDoNot(boolean clustered) {
        try (Fixture fixture = new Fixture(clustered)) {
            for (int i = 0; i < 1_000; i++) {
                fixture.put("k" + i, "v");
            }
            SmallBasket basket = new SmallBasket(7);
            SnapshotWalk walk = fixture.keyspace.snapshot(null, basket);
            walk.begin(() -> {});
            assertThat(walk.step(Long.MAX_VALUE)).isTrue();
            assertThat(basket.held).isEqualTo(7);
            assertThat(walk.step(Long.MAX_VALUE)).isTrue();
            assertThat(basket.held).isEqualTo(7);
            for (int i = 0; i < 1_000; i++) {
                fixture.remove("k" + i);
            }
            assertThat(basket.total).isEqualTo(1_000);
            basket.held = 0;
            assertThat(walk.step(Long.MAX_VALUE)).isFalse();
            assertThat(basket.total).isEqualTo(1_000);
        }
    }

    @Test
    void aStepShowsLittleUnderOneLock() {
        try (Fixture fixture = new Fixture(false)) {
            for (int i = 0; i < 2_000; i++) {
                fixture.put("k" + i, i < 1_000 ? "v" : "v".repeat(100_000));
            }
            int[] shown = new int[1];
            long[] bytes = new long[1];
            SnapshotWalk walk = fixture.keyspace.snapshot(null, (_, store, record) -> {
                shown[0]++;
                bytes[0] += store.valueLength(record);
            });
            walk.begin(() -> {});
            // A budget of one byte ends after the first stretch under a lock.
            while (walk.step(1)) {
                assertThat(shown[0]).isLessThanOrEqualTo(100);
                assertThat(bytes[0]).isLessThan((256 << 10) + 100_000);
                shown[0] = 0;
                bytes[0] = 0;
            }
        }
    }
}
