package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryTest {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deadKeysGoAndNoOthers(boolean clustered) {
        try (Fixture fixture = new Fixture(clustered)) {
            Set<String> dying = new HashSet<>();
            for (int i = 0; i < 10_000; i++) {
                String key = "k" + i;
                fixture.put(key, "x", i % 3 == 0 ? 1_000 : i % 3 == 1 ? 2_000 : -1);
                if (i % 3 == 0) {
                    dying.add(key);
                }
            }
            List<String> seen = new ArrayList<>();
            ActiveExpiry expiry = new ActiveExpiry(fixture.keyspace);
            for (int i = 0; i < 2_000 && seen.size() < dying.size(); i++) {
                expiry.step(1_001, () -> false, (store, record) -> seen.add(Fixture.text(store.key(record))));
            }
            assertThat(seen).containsExactlyInAnyOrderElementsOf(dying);
            assertThat(fixture.keyspace.size(0)).isEqualTo(10_000 - dying.size());
            assertThat(fixture.keyspace.expiring(0)).isEqualTo(3_333);
            assertThat(fixture.keyspace.stats().expired()).isEqualTo(dying.size());
            assertThat(expiry.averageTtlMs(0)).isBetween(900L, 1_000L);
        }
    }

    @Test
    void aStepGoesOnWhileMuchIsDeadAndStopsWhenLittleIs() {
        try (Fixture fixture = new Fixture(false)) {
            for (int i = 0; i < 5_000; i++) {
                fixture.put("dead" + i, "x", 1);
            }
            ActiveExpiry expiry = new ActiveExpiry(fixture.keyspace);
            assertThat(expiry.step(10, () -> false, (_, _) -> {})).isEqualTo(5_000);
            for (int i = 0; i < 5_000; i++) {
                fixture.put("alive" + i, "x", 1_000);
            }
            assertThat(expiry.step(10, () -> false, (_, _) -> {})).isZero();
            for (int i = 0; i < 5_000; i++) {
                fixture.put("dead" + i, "x", 1);
            }
            assertThat(expiry.step(10, () -> true, (_, _) -> {})).isBetween(1, 40);
        }
    }

    @Test
    void aKeyDiesWhenItsTimeIsOverNotBefore() {
        try (Fixture fixture = new Fixture(false)) {
            fixture.put("k", "x", 1_000);
            assertThat(fixture.only().expire(1_000, 10, _ -> {})).isZero();
            assertThat(fixture.only().expire(1_001, 10, _ -> {})).isEqualTo(1);
            assertThat(fixture.keyspace.usedMemory()).isZero();
        }
    }

    @Test
    void watchersLearnOfADeath() {
        try (Fixture fixture = new Fixture(false)) {
            fixture.put("watched", "x", 1);
            fixture.put("other", "x", 1);
            List<String> told = new ArrayList<>();
            fixture.only().watch(Fixture.bytes("watched"), (_, _) -> told.add(fixture.get("watched")));
            fixture.only().expire(5, 10, _ -> {});
            assertThat(told).containsExactly((String) null);
            assertThat(fixture.keyspace.size(0)).isZero();
        }
    }
}
