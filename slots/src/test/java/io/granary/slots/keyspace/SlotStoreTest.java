package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotStoreTest {

    private final Fixture fixture = new Fixture(false);
    private final SlotStore store = fixture.only();

    @AfterEach
    void close() {
        fixture.close();
    }

    private record Expected(String value, long expiryMs) {}

    /**
     * Everything a store can do, in random order, compared with a map; keys come and go in waves so that tables move
     * both ways.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void itBehavesAsAMap(long seed) {
        Random random = new Random(seed);
        Map<String, Expected> model = new HashMap<>();
        for (int i = 0; i < 60_000; i++) {
            boolean growing = i / 15_000 % 2 == 0;
            String key = key(random.nextInt(6_000));
            int dice = random.nextInt(100);
            if (dice < (growing ? 60 : 10)) {
                Expected expected = new Expected(value(random), random.nextInt(3) == 0 ? random.nextInt(1_000_000) : -1);
                fixture.put(key, expected.value, expected.expiryMs);
                model.put(key, expected);
            } else if (dice < (growing ? 70 : 80)) {
                assertThat(fixture.remove(key)).isEqualTo(model.remove(key) != null);
            } else if (dice < 85) {
                changeExpiry(key, model, random);
            } else if (dice < 90) {
                changeLength(key, model, random);
            }
            check(key, model.get(key), seed);
        }
        assertThat(store.size()).isEqualTo(model.size());
        assertThat(store.expiring()).isEqualTo(model.values().stream().filter(e -> e.expiryMs >= 0).count());
        model.forEach((key, expected) -> check(key, expected, seed));
        new ArrayList<>(model.keySet()).forEach(fixture::remove);
        assertThat(store.size()).isZero();
        assertThat(store.expiring()).isZero();
        assertThat(fixture.keyspace.usedMemory()).isZero();
        assertThat(fixture.keyspace.memory().pageBytes()).isZero();
    }

    /** Lengths of 0 to 300 bytes: both forms of a record. */
    private static String key(int number) {
        return number == 0 ? "" : "k".repeat(number % 20 == 0 ? 300 : number % 11) + number;
    }

    private static String value(Random random) {
        int length = switch (random.nextInt(50)) {
            case 0 -> 70_000 + random.nextInt(3_000);
            case 1 -> 64_000 + random.nextInt(3_000);
            case 2, 3 -> random.nextInt(3_000);
            default -> random.nextInt(150);
        };
        return String.valueOf((char) ('a' + random.nextInt(26))).repeat(length);
    }

    private void changeExpiry(String key, Map<String, Expected> model, Random random) {
        long record = fixture.find(key);
        if (record != SlotStore.NONE) {
            long expiryMs = random.nextBoolean() ? random.nextInt(1_000_000) : -1;
            long moved = store.setExpiry(record, fixture.hash(key), expiryMs);
            assertThat(store.expiry(moved)).isEqualTo(expiryMs);
            model.put(key, new Expected(model.get(key).value, expiryMs));
        }
    }

    private void changeLength(String key, Map<String, Expected> model, Random random) {
        long record = fixture.find(key);
        if (record != SlotStore.NONE) {
            Expected before = model.get(key);
            int length = Math.max(0, before.value.length() + random.nextInt(400) - 200);
            store.resize(record, fixture.hash(key), length, Encoding.RAW.code);
            String value = length <= before.value.length()
                    ? before.value.substring(0, length)
                    : before.value + "\0".repeat(length - before.value.length());
            model.put(key, new Expected(value, before.expiryMs));
        }
    }

    private void check(String key, Expected expected, long seed) {
        long record = fixture.find(key);
        if (expected == null) {
            assertThat(record).as("seed %d, key %s", seed, key).isZero();
        } else {
            assertThat(record).as("seed %d, key %s", seed, key).isPositive();
            assertThat(Fixture.text(store.value(record))).isEqualTo(expected.value);
            assertThat(Fixture.text(store.key(record))).isEqualTo(key);
            assertThat(store.expiry(record)).isEqualTo(expected.expiryMs);
        }
    }

    @Test
    void aKeyOf16BytesWithAValueOf64Takes88Bytes() {
        fixture.put("key:000000000001", "v".repeat(64));
        assertThat(fixture.keyspace.usedMemory()).isEqualTo(88 + 64);
        fixture.put("key:000000000001", "v".repeat(64), 1);
        assertThat(fixture.keyspace.usedMemory()).isEqualTo(96 + 64);
    }

    @Test
    void aTableTakesAboutSevenBytesAKey() {
        for (int n = 1_000; n <= 100_000; n = n * 5 / 4) {
            for (int i = (int) store.size(); i < n; i++) {
                fixture.put("k" + i, "");
            }
            while (fixture.keyspace.reclaim()) {
                assertThat(store.size()).isEqualTo(n);
            }
            assertThat((double) store.tableBytes() / n).isBetween(6.0, 9.0);
        }
    }

    @Test
    void anOverwriteThatFitsStaysInPlace() {
        long record = fixture.put("key", "0".repeat(100));
        store.accessClock(record, 0xABCDEF);
        assertThat(fixture.put("key", "1".repeat(100))).isEqualTo(record);
        assertThat(fixture.put("key", "2".repeat(85))).isEqualTo(record);
        assertThat(fixture.put("key", "3".repeat(93))).isEqualTo(record);
        assertThat(fixture.get("key")).isEqualTo("3".repeat(93));
        assertThat(store.accessClock(record)).isEqualTo(0xABCDEF);
        assertThat(store.encoding(record)).isEqualTo(Encoding.RAW.code);
        store.encoding(record, Encoding.INT.code);
        assertThat(store.encoding(record)).isEqualTo(Encoding.INT.code);
        assertThat(store.type(record)).isEqualTo(ValueType.STRING.code);
        assertThat(store.accessClock(record)).isEqualTo(0xABCDEF);
    }

    @Test
    void aMuchShorterValueGivesItsMemoryBack() {
        fixture.put("key", "x".repeat(10_000));
        fixture.put("key", "x");
        assertThat(fixture.keyspace.usedMemory()).isLessThan(200);
    }

    @Test
    void aValueThatGrowsByteByByteMovesSeldom() {
        long record = fixture.put("key", "");
        long hash = fixture.hash("key");
        int moves = 0;
        for (int length = 1; length <= 100_000; length++) {
            long moved = store.resize(record, hash, length, Encoding.RAW.code);
            moves += moved == record ? 0 : 1;
            record = moved;
        }
        assertThat(moves).isLessThan(40);
        assertThat(store.valueLength(record)).isEqualTo(100_000);
    }

    @Test
    void aValueMayBeCopiedFromAnotherRecord() {
        long source = fixture.put("source", "something");
        fixture.put("target", "");
        long target = fixture.find("target");
        store.overwriteString(
                target, fixture.hash("target"), store.memory(), store.valueOffset(source), store.valueLength(source),
                store.encoding(source), -1);
        assertThat(fixture.get("target")).isEqualTo("something");
    }

    @Test
    void aRandomRecordIsFair() {
        Random random = new Random(5);
        int keys = 40;
        for (int i = 0; i < keys; i++) {
            fixture.put("k" + i, "");
        }
        Map<Long, Integer> drawn = new HashMap<>();
        int draws = 40_000;
        for (int i = 0; i < draws; i++) {
            drawn.merge(store.random(random), 1, Integer::sum);
        }
        assertThat(drawn).hasSize(keys);
        assertThat(drawn.values()).allSatisfy(n -> assertThat(n).isBetween(draws / keys * 8 / 10, draws / keys * 12 / 10));
        for (int i = 0; i < keys; i++) {
            fixture.remove("k" + i);
        }
        assertThat(store.random(random)).isEqualTo(SlotStore.NONE);
    }

    @Test
    void touchingAheadReadsNothingOutsideTheRegion() {
        Random random = new Random(9);
        long sum = store.touchTable(random.nextLong()) + store.touchRecord(random.nextLong());
        for (int i = 0; i < 3_000; i++) {
            fixture.put("k" + i, "value");
            sum += store.touchTable(random.nextLong()) + store.touchRecord(fixture.hash("k" + i));
        }
        assertThat(sum).isNotZero();
    }

    @Test
    void clearingALargeStoreIsDoneInSteps() {
        for (int i = 0; i < 20_000; i++) {
            fixture.put("k" + i, "value", i % 2 == 0 ? 1 : -1);
        }
        assertThat(store.clear()).isEqualTo(20_000);
        assertThat(store.size()).isZero();
        assertThat(store.expiring()).isZero();
        assertThat(fixture.has("k7")).isFalse();
        assertThat(fixture.keyspace.usedMemory()).isPositive();
        fixture.put("k7", "new");
        List<Long> used = new ArrayList<>();
        while (fixture.keyspace.reclaim()) {
            used.add(fixture.keyspace.usedMemory());
        }
        assertThat(used).hasSizeGreaterThan(3).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        assertThat(fixture.get("k7")).isEqualTo("new");
        assertThat(fixture.remove("k7")).isTrue();
        assertThat(fixture.keyspace.usedMemory()).isZero();
    }
}
