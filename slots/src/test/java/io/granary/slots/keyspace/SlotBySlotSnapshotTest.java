package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots that take each slot's cut when the walk comes there, with somebody who follows the changes from then on. */
class SlotBySlotSnapshotTest {

    private static final int KEYS = 3_000;
    private static final int OPERATIONS = 20_000;
    private static final SlotSet WANTED = SlotSet.of(List.of(new SlotRange(0, Slot.COUNT / 2)));

    /** A copy made of what is shown and of the changes that follow. */
    private static final class Copy implements SnapshotVisitor {

        private final Map<String, String> values = new HashMap<>();
        private final SlotSet reached = new SlotSet();
        private int shown;

        @Override
        public void reached(int slot) {
            assertThat(reached.contains(slot)).as("slot %d was reached before", slot).isFalse();
            reached.add(slot);
        }

        @Override
        public void visit(int database, SlotStore store, long record) {
            String key = Fixture.text(store.key(record));
            assertThat(reached.contains(store.slot())).as("%s is of a slot that was reached", key).isTrue();
            values.put(key, Fixture.text(store.value(record)));
            shown++;
        }

        void follow(int slot, String key, String value) {
            if (reached.contains(slot)) {
                if (value == null) {
                    values.remove(key);
                } else {
                    values.put(key, value);
                }
            }
        }
    }

    @Test
    void aWriterInASlotThatWasNotReachedShowsNothing() {
        try (Fixture fixture = new Fixture(true)) {
            String late = keyOf(fixture, 10, Slot.COUNT / 2);
            fixture.put(late, "old");
            Copy copy = new Copy();
            SnapshotWalk walk = fixture.keyspace.snapshotSlotBySlot(WANTED, copy);
            walk.begin(() -> { });
            fixture.put(late, "new");
            assertThat(copy.shown).isZero();
            finish(walk);
            assertThat(copy.values).containsExactly(Map.entry(late, "new"));
        }
    }

    @Test
    void aSlotThatHoldsNothingIsReachedToo() {
        try (Fixture fixture = new Fixture(true)) {
            Copy copy = new Copy();
            SnapshotWalk walk = fixture.keyspace.snapshotSlotBySlot(WANTED, copy);
            walk.begin(() -> { });
            finish(walk);
            assertThat(copy.reached).isEqualTo(WANTED);
        }
    }

    private static String keyOf(Fixture fixture, int from, int to) {
        for (int i = 0; ; i++) {
            int slot = fixture.slot("key:" + i);
            if (slot >= from && slot < to) {
                return "key:" + i;
            }
        }
    }

    private static void finish(SnapshotWalk walk) {
        for (int i = 0; walk.step(1 << 20); i++) {
            assertThat(i).isLessThan(1_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theCopyAndTheChangesBehindItAreTheWhole(long seed) {
        Random random = new Random(seed);
        try (Fixture fixture = new Fixture(true)) {
            for (int i = 0; i < KEYS; i++) {
                fixture.put("key:" + i, "first " + i);
            }
            for (int snapshot = 0; snapshot < 3; snapshot++) {
                Copy copy = new Copy();
                SnapshotWalk walk = fixture.keyspace.snapshotSlotBySlot(WANTED, copy);
                walk.begin(() -> { });
                boolean more = true;
                for (int i = 0; i < OPERATIONS; i++) {
                    change(fixture, copy, "key:" + random.nextInt(2 * KEYS), random);
                    more = more && (random.nextInt(10) > 0 || walk.step(random.nextInt(2_000)));
                }
                if (random.nextBoolean() && more) {
                    walk.abort();
                } else {
                    finish(walk);
                    assertThat(copy.values).as("seed %d", seed).isEqualTo(wanted(fixture));
                }
            }
        }
    }

    private static void change(Fixture fixture, Copy copy, String key, Random random) {
        if (random.nextInt(4) == 0) {
            fixture.remove(key);
            copy.follow(fixture.slot(key), key, null);
        } else {
            String value = "x".repeat(random.nextInt(300));
            fixture.put(key, value);
            copy.follow(fixture.slot(key), key, value);
        }
    }

    private static Map<String, String> wanted(Fixture fixture) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < 2 * KEYS; i++) {
            String key = "key:" + i;
            String value = fixture.get(key);
            if (value != null && WANTED.contains(fixture.slot(key))) {
                all.put(key, value);
            }
        }
        return all;
    }
}
