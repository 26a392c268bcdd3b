package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EvictionTest {

    private static final long NOW_MS = 1_000_000_000L;

    /** Keys "0" to "4999": the higher the number, the better; every second has an expiry. */
    private static void fill(Fixture fixture, EvictionPolicy policy) {
        for (int i = 0; i < 5_000; i++) {
            boolean dies = i % 2 == 1;
            long record = fixture.put(Integer.toString(i), "x".repeat(100), dies ? NOW_MS + 1000L * i : -1);
            fixture.store(Integer.toString(i)).accessClock(record, policy.countsFrequency()
                    ? AccessClock.lfu(NOW_MS, i / 20)
                    : AccessClock.lru(NOW_MS - 1000L * (5_000 - i)));
        }
    }

    @ParameterizedTest
    @CsvSource({"false, ALLKEYS_LRU", "true, ALLKEYS_LRU", "false, ALLKEYS_LFU", "false, VOLATILE_LRU", "true, VOLATILE_LFU",
        "false, VOLATILE_TTL", "true, VOLATILE_TTL"})
    void theWorstGoFirstMoreOrLess(boolean clustered, EvictionPolicy policy) {
        try (Fixture fixture = new Fixture(clustered)) {
            fill(fixture, policy);
            Eviction eviction = new Eviction(fixture.keyspace);
            eviction.configure(policy, 10, 1);
            long limit = fixture.keyspace.usedMemory() - 1_000 * 128;
            List<Integer> gone = new ArrayList<>();
            boolean made = eviction.makeRoom(limit, NOW_MS, new Random(1),
                    (store, record) -> gone.add(Integer.parseInt(Fixture.text(store.key(record)))));
            assertThat(made).isTrue();
            assertThat(fixture.keyspace.usedMemory()).isLessThanOrEqualTo(limit);
            assertThat(gone).hasSizeBetween(700, 1_150).doesNotHaveDuplicates();
            assertThat(fixture.keyspace.stats().evicted()).isEqualTo(gone.size());
            assertThat(gone.stream().mapToInt(i -> i).average().orElseThrow()).isLessThan(1_500);
            if (policy.onlyVolatile()) {
                assertThat(gone).allMatch(i -> i % 2 == 1);
            }
            assertThat(gone).noneMatch(i -> fixture.has(Integer.toString(i)));
        }
    }

    @Test
    void whoHasNoTimeLearnsAllTheSameThatNothingMayGo() {
        try (Fixture fixture = new Fixture(false)) {
            fill(fixture, EvictionPolicy.NOEVICTION);
            Eviction eviction = new Eviction(fixture.keyspace);
            eviction.configure(EvictionPolicy.NOEVICTION, 5, 1);
            assertThat(eviction.makeRoom(1, NOW_MS, new Random(1), () -> true, (_, _) -> { })).isFalse();
            eviction.configure(EvictionPolicy.ALLKEYS_RANDOM, 5, 1);
            assertThat(eviction.makeRoom(1, NOW_MS, new Random(1), () -> true, (_, _) -> { })).isTrue();
            assertThat(fixture.keyspace.size(0)).isEqualTo(4_999);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ALLKEYS_RANDOM", "VOLATILE_RANDOM", "VOLATILE_LRU", "ALLKEYS_LFU", "NOEVICTION"})
    void itFailsOnlyWhenNothingMayGoAnyMore(EvictionPolicy policy) {
        try (Fixture fixture = new Fixture(true)) {
            fill(fixture, policy);
            Eviction eviction = new Eviction(fixture.keyspace);
            eviction.configure(policy, 5, 1);
            assertThat(eviction.makeRoom(-1, NOW_MS, new Random(1), (_, _) -> {})).isFalse();
            long left = policy == EvictionPolicy.NOEVICTION ? 5_000 : policy.onlyVolatile() ? 2_500 : 0;
            assertThat(fixture.keyspace.size(0)).isEqualTo(left);
        }
    }

    @Test
    void aSampleOfRareKeysIsFoundInAnyTable() {
        try (Fixture fixture = new Fixture(false)) {
            for (int i = 0; i < 20_000; i++) {
                fixture.put("k" + i, "x");
            }
            fixture.put("rare", "x", NOW_MS);
            Eviction eviction = new Eviction(fixture.keyspace);
            eviction.configure(EvictionPolicy.VOLATILE_TTL, 5, 1);
            long limit = fixture.keyspace.usedMemory() - 1;
            assertThat(eviction.makeRoom(limit, NOW_MS, new Random(1), (_, _) -> {})).isTrue();
            assertThat(fixture.has("rare")).isFalse();
        }
    }

    @Test
    void itStopsWhenTheTimeIsUp() {
        try (Fixture fixture = new Fixture(false)) {
            fill(fixture, EvictionPolicy.ALLKEYS_LRU);
            Eviction eviction = new Eviction(fixture.keyspace);
            eviction.configure(EvictionPolicy.ALLKEYS_LRU, 5, 1);
            int[] asked = new int[1];
            assertThat(eviction.makeRoom(0, NOW_MS, new Random(1), () -> ++asked[0] > 10, (_, _) -> {})).isTrue();
            assertThat(fixture.keyspace.size(0)).isBetween(4_989L, 4_999L);
        }
    }

    @Test
    void whatWasFlushedIsFreedBeforeAnythingIsEvicted() {
        try (Fixture fixture = new Fixture(false, 2)) {
            for (int i = 0; i < 20_000; i++) {
                fixture.put(1, "k" + i, "x", -1);
            }
            fixture.put("kept", "x");
            fixture.keyspace.store(1, 0).clear();
            Eviction eviction = new Eviction(fixture.keyspace);
            eviction.configure(EvictionPolicy.ALLKEYS_RANDOM, 5, 1);
            assertThat(eviction.makeRoom(1_000, NOW_MS, new Random(1), (_, _) -> {})).isTrue();
            assertThat(fixture.has("kept")).isTrue();
        }
    }
}
