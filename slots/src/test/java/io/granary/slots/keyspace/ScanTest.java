package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScanTest {

    @ParameterizedTest
    @CsvSource({"false, 1, 10", "false, 2, 100", "true, 3, 10", "false, 4, 1", "true, 5, 1000"})
    void keysThatStayAreSeenOnceWhileTheTableGrowsAndShrinks(boolean clustered, long seed, int count) {
        Random random = new Random(seed);
        try (Fixture fixture = new Fixture(clustered)) {
            Set<String> staying = new HashSet<>();
            for (int i = 0; i < 1_500; i++) {
                staying.add("stay" + i);
                fixture.put("stay" + i, "x");
            }
            Set<String> others = new HashSet<>();
            for (boolean growing : new boolean[] {true, false, true}) {
                Map<String, Integer> seen = new HashMap<>();
                Runnable churn = () -> churn(fixture, others, random, growing, count);
                fixture.scan(count, key -> seen.merge(key, 1, Integer::sum), churn);
                assertThat(seen.keySet()).as("seed %d", seed).containsAll(staying);
                assertThat(seen.values()).containsOnly(1);
            }
        }
    }

    /** Some keys come, or all that came go, between two calls. */
    private static void churn(Fixture fixture, Set<String> others, Random random, boolean growing, int count) {
        int changes = Math.min(50, count * 2);
        if (growing) {
            for (int i = 0; i < changes; i++) {
                String key = "other" + random.nextInt(100_000);
                fixture.put(key, "x");
                others.add(key);
            }
        } else {
            List<String> going = others.stream().limit(changes * 4L).toList();
            going.forEach(fixture::remove);
            going.forEach(others::remove);
        }
    }

    @Test
    void aCallIsBoundedAndAlmostEmptyTablesAreSkippedThrough() {
        try (Fixture fixture = new Fixture(true)) {
            fixture.put("one", "x");
            fixture.put("two", "x");
            List<String> seen = new ArrayList<>();
            int[] calls = new int[1];
            fixture.scan(10, seen::add, () -> calls[0]++);
            assertThat(seen).containsExactlyInAnyOrder("one", "two");
            assertThat(calls[0]).isEqualTo(1);
            for (int i = 0; i < 1_000; i++) {
                fixture.put("k" + i, "x");
            }
            seen.clear();
            long cursor = fixture.keyspace.scan(0, 0, 10, -1, (store, record) -> seen.add(Fixture.text(store.key(record))));
            assertThat(cursor).isPositive();
            assertThat(seen).hasSizeBetween(10, 40);
        }
    }

    @Test
    void oneSlotCanBeScannedAlone() {
        try (Fixture fixture = new Fixture(true)) {
            for (int i = 0; i < 500; i++) {
                fixture.put("{tag}" + i, "x");
                fixture.put("k" + i, "x");
            }
            int slot = fixture.slot("{tag}");
            Set<String> seen = new HashSet<>();
            long cursor = 0;
            do {
                cursor = fixture.keyspace.scan(
                        0, cursor, 7, slot, (store, record) -> seen.add(Fixture.text(store.key(record))));
            } while (cursor != 0);
            assertThat(seen).hasSizeBetween(500, 505).allMatch(key -> fixture.slot(key) == slot);
            assertThat(fixture.keyspace.scan(0, slot + 1, 7, slot, (_, _) -> seen.clear())).isZero();
            assertThat(seen).isNotEmpty();
        }
    }

    @Test
    void anyNumberIsAHarmlessCursor() {
        for (boolean clustered : new boolean[] {false, true}) {
            try (Fixture fixture = new Fixture(clustered)) {
                for (int i = 0; i < 3_000; i++) {
                    fixture.put("k" + i, "x");
                }
                Random random = new Random(3);
                for (int i = 0; i < 300; i++) {
                    long next = fixture.keyspace.scan(0, random.nextLong(), 10, -1, (_, _) -> {});
                    assertThat(next).isNotNegative();
                }
                assertThat(fixture.keyspace.scan(0, -1, 10, -1, (_, _) -> {})).isNotNegative();
            }
        }
    }
}
