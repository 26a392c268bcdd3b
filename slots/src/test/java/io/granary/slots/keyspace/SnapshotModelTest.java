package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All ways in which records change, in random order, between the steps of snapshots. */
class SnapshotModelTest {

    private static final int DATABASES = 3;
    private static final int OPERATIONS = 60_000;
    private static final int WAVE = 9_000;

    private record Expected(String value, long expiryMs, int encoding) {}

    /** What a snapshot was shown, and whether it was shown anything twice. */
    private static final class Collected implements SnapshotVisitor {

        private final Map<String, Expected> records = new TreeMap<>();
        private final List<String> twice = new ArrayList<>();
        private final Random random;

        Collected(Random random) {
            this.random = random;
        }

        @Override
        public void visit(int database, SlotStore store, long record) {
            String name = database + " " + Fixture.text(store.key(record));
            Expected value =
                    new Expected(Fixture.text(store.value(record)), store.expiry(record), store.encoding(record));
            if (records.put(name, value) != null) {
                twice.add(name);
            }
        }

        @Override
        public boolean ready() {
            return random.nextInt(20) > 0;
        }
    }

    /** One run: a keyspace, what it should hold, and the snapshot that is under way, if one is. */
    private static final class Run {

        private final Fixture fixture;
        private final Random random;
        private final List<Map<String, Expected>> model = new ArrayList<>();
        private final ActiveExpiry expiry;
        private final Eviction eviction;
        private final boolean clustered;
        private long nowMs = 1_000;
        private SnapshotWalk walk;
        private Collected collected;
        private Map<String, Expected> atTheCut;
        private int completed;
        private int evicted;
        private int expired;

        Run(Fixture fixture, long seed) {
            this.fixture = fixture;
            this.random = new Random(seed);
            this.clustered = fixture.clustered;
            this.expiry = new ActiveExpiry(fixture.keyspace);
            this.eviction = new Eviction(fixture.keyspace);
            eviction.configure(EvictionPolicy.ALLKEYS_RANDOM, 5, 1);
            for (int i = 0; i < DATABASES; i++) {
                model.add(new HashMap<>());
            }
        }

        private SlotStore store(int database, String key) {
            return fixture.keyspace.store(database, fixture.slot(key));
        }

        void operate(int number) {
            boolean growing = number / WAVE % 2 == 0;
            int database = random.nextInt(10) < 8 ? 0 : random.nextInt(DATABASES);
            String key = key();
            int dice = random.nextInt(10_000);
            if (dice < (growing ? 6_000 : 1_500)) {
                put(database, key);
            } else if (dice < (growing ? 6_500 : 6_000)) {
                remove(database, key);
            } else if (dice < 7_500) {
                changeExpiry(database, key);
            } else if (dice < 8_400) {
                changeLength(database, key);
            } else if (dice < 8_500) {
                changeEncoding(database, key);
            } else if (dice < 8_900) {
                expireLazily(database, key);
            } else if (dice < 9_000) {
                expireActively();
            } else if (dice < 9_200) {
                evict();
            } else if (dice < 9_205) {
                flushOrClear(database, key);
            } else if (dice < 9_215) {
                swap(database);
            } else if (dice < 9_500) {
                fixture.keyspace.reclaim();
            } else {
                snapshot();
            }
        }

        /** Some tags, so that there are large slots, too. */
        private String key() {
            int number = random.nextInt(8_000);
            return (clustered ? "{" + number % 7 + "}" : "") + (number % 20 == 0 ? "k".repeat(300) : "k") + number;
        }

        private String value() {
            int length = switch (random.nextInt(60)) {
                case 0 -> 65_000 + random.nextInt(2_000);
                case 1, 2 -> random.nextInt(3_000);
                default -> random.nextInt(4) * 40;
            };
            return String.valueOf((char) ('a' + random.nextInt(26))).repeat(length);
        }

        private long expiryMs() {
            return random.nextInt(3) == 0 ? nowMs + random.nextInt(20_000) : -1;
        }

        private void put(int database, String key) {
            Expected expected = new Expected(value(), expiryMs(), Encoding.RAW.code);
            fixture.put(database, key, expected.value, expected.expiryMs);
            model.get(database).put(key, expected);
            nowMs++;
        }

        private long find(int database, String key) {
            return store(database, key).find(Fixture.bytes(key));
        }

        private void remove(int database, String key) {
            if (model.get(database).remove(key) != null) {
                store(database, key).remove(find(database, key), fixture.hash(key));
            }
        }

        private void changeExpiry(int database, String key) {
            Expected before = model.get(database).get(key);
            if (before != null) {
                long to = expiryMs();
                store(database, key).setExpiry(find(database, key), fixture.hash(key), to);
                model.get(database).put(key, new Expected(before.value, to, before.encoding));
            }
        }

        private void changeLength(int database, String key) {
            Expected before = model.get(database).get(key);
            if (before != null) {
                int from = before.value.length();
                int length = Math.max(0, from + random.nextInt(300) - 100);
                SlotStore store = store(database, key);
                long record = store.resize(find(database, key), fixture.hash(key), length, Encoding.RAW.code);
                String value = before.value.substring(0, Math.min(from, length)) + "z".repeat(Math.max(0, length - from));
                for (int i = from; i < length; i++) {
                    store.memory().set(Layouts.BYTE, store.valueOffset(record) + i, (byte) 'z');
                }
                model.get(database).put(key, new Expected(value, before.expiryMs, Encoding.RAW.code));
            }
        }

        private void changeEncoding(int database, String key) {
            Expected before = model.get(database).get(key);
            if (before != null) {
                store(database, key).encoding(find(database, key), Encoding.INT.code);
                model.get(database).put(key, new Expected(before.value, before.expiryMs, Encoding.INT.code));
            }
        }

        private void expireLazily(int database, String key) {
            Expected before = model.get(database).get(key);
            if (before != null && before.expiryMs >= 0 && before.expiryMs < nowMs) {
                store(database, key).expireNow(find(database, key), fixture.hash(key));
                model.get(database).remove(key);
                expired++;
            }
        }

        private void gone(SlotStore store, long record) {
            String key = Fixture.text(store.key(record));
            assertThat(model.get(store.database()).remove(key)).isNotNull();
        }

        private void expireActively() {
            expired += expiry.step(nowMs, () -> true, this::gone);
        }

        private void evict() {
            int[] tries = new int[1];
            long limit = fixture.keyspace.usedMemory() - 200;
            eviction.makeRoom(limit, nowMs, random, () -> ++tries[0] == 10, (store, record) -> {
                gone(store, record);
                evicted++;
            });
        }

        private void flushOrClear(int database, String key) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    fixture.keyspace.flush(-1);
                    model.forEach(Map::clear);
                }
                case 1 -> {
                    fixture.keyspace.flush(database);
                    model.get(database).clear();
                }
                default -> {
                    store(database, key).clear();
                    model.get(database).keySet().removeIf(other -> fixture.slot(other) == fixture.slot(key));
                }
            }
        }

        private void swap(int database) {
            int other = random.nextInt(DATABASES);
            fixture.keyspace.swap(database, other, nowMs);
            Map<String, Expected> first = model.get(database);
            model.set(database, model.get(other));
            model.set(other, first);
        }

        private void snapshot() {
            if (walk == null) {
                begin();
            } else if (random.nextInt(200) == 0) {
                walk.abort();
                walk = null;
            } else if (!walk.step(random.nextInt(30_000))) {
                complete();
            }
        }

        private void begin() {
            collected = new Collected(random);
            walk = fixture.keyspace.snapshot(null, collected);
            walk.begin(() -> {
                atTheCut = new TreeMap<>();
                for (int i = 0; i < DATABASES; i++) {
                    int database = i;
                    model.get(i).forEach((key, expected) -> atTheCut.put(database + " " + key, expected));
                }
            });
        }

        private void complete() {
            assertThat(collected.twice).isEmpty();
            // Compared as a whole first: the message of a difference names only the keys.
            if (!collected.records.equals(atTheCut)) {
                assertThat(collected.records.keySet()).isEqualTo(atTheCut.keySet());
                atTheCut.forEach((key, expected) -> assertThat(collected.records.get(key)).as(key).isEqualTo(expected));
            }
            walk = null;
            completed++;
        }

        void end() {
            while (walk != null && walk.step(1 << 20)) {
                assertThat(collected.twice).isEmpty();
            }
            if (walk != null) {
                complete();
            }
            fixture.keyspace.flush(-1);
            while (fixture.keyspace.reclaim()) {
                assertThat(fixture.keyspace.size(0)).isZero();
            }
            assertThat(fixture.keyspace.usedMemory()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true", "3, false", "4, true"})
    void aSnapshotIsTheStateAtItsCutWhateverHappensMeanwhile(long seed, boolean clustered) {
        try (Fixture fixture = new Fixture(clustered, DATABASES)) {
            Run run = new Run(fixture, seed);
            for (int i = 0; i < OPERATIONS; i++) {
                try {
                    run.operate(i);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("seed " + seed + ", operation " + i, e);
                }
            }
            run.end();
            assertThat(run.completed).as("snapshots, seed %d", seed).isGreaterThan(5);
            assertThat(run.evicted).isPositive();
            assertThat(run.expired).isPositive();
        }
    }
}
