package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class KeyspaceTest {

    @Test
    void anEmptySlotCostsNoNativeMemory() {
        try (Fixture fixture = new Fixture(true)) {
            for (int slot = 0; slot < fixture.keyspace.slots(); slot++) {
                assertThat(fixture.keyspace.storeIfPresent(0, slot)).isNull();
                assertThat(fixture.keyspace.store(0, slot)).isSameAs(fixture.keyspace.store(0, slot));
            }
            assertThat(fixture.keyspace.usedMemory()).isZero();
            assertThat(fixture.has("nothing")).isFalse();
        }
    }

    @Test
    void slotsWithAFewKeysEachStayCheap() {
        try (Fixture fixture = new Fixture(true)) {
            for (int i = 0; i < 40_000; i++) {
                fixture.put(String.format("key:%012d", i), "x".repeat(64));
            }
            assertThat(fixture.keyspace.size(0)).isEqualTo(40_000);
            assertThat((double) fixture.keyspace.usedMemory() / 40_000).isLessThan(88 + 30);
            assertThat(fixture.keyspace.tables(0).bytes()).isEqualTo(fixture.keyspace.usedMemory() - 40_000L * 88);
        }
    }

    @Test
    void theBytesOfAllSlotsAreTheMemoryInUse() {
        Random random = new Random(7);
        try (Fixture fixture = new Fixture(true)) {
            for (int i = 0; i < 20_000; i++) {
                String key = "{" + random.nextInt(5) + "}" + random.nextInt(500);
                if (random.nextInt(4) == 0) {
                    long record = fixture.find(key);
                    if (record != SlotStore.NONE) {
                        fixture.store(key).remove(record, fixture.hash(key));
                    }
                } else {
                    fixture.put(0, key, "x".repeat(random.nextInt(300)), random.nextBoolean() ? -1 : i);
                }
            }
            long sum = 0;
            for (int slot = 0; slot < fixture.keyspace.slots(); slot++) {
                SlotStore store = fixture.keyspace.storeIfPresent(0, slot);
                sum += store == null ? 0 : store.bytes();
            }
            assertThat(sum).isPositive().isEqualTo(fixture.keyspace.usedMemory());
            fixture.keyspace.flush(-1);
            assertThat(fixture.keyspace.store(0, fixture.slot("{1}")).bytes()).isZero();
        }
    }

    @Test
    void standaloneHasOneSlotAndOneLock() {
        try (Fixture fixture = new Fixture(false, 16)) {
            assertThat(fixture.keyspace.slots()).isEqualTo(1);
            assertThat(fixture.keyspace.stripes()).isEqualTo(1);
            assertThat(fixture.keyspace.databases()).isEqualTo(16);
            assertThat(fixture.keyspace.lock(12345)).isSameAs(fixture.keyspace.stripe(0));
        }
    }

    @Test
    void flushEmptiesOneDatabaseOrAll() {
        try (Fixture fixture = new Fixture(false, 3)) {
            for (int database = 0; database < 3; database++) {
                for (int i = 0; i < 100; i++) {
                    fixture.put(database, "k" + i, "x", i);
                }
            }
            assertThat(fixture.keyspace.flush(1)).isEqualTo(100);
            assertThat(fixture.keyspace.size(1)).isZero();
            assertThat(fixture.keyspace.size(2)).isEqualTo(100);
            assertThat(fixture.keyspace.flush(-1)).isEqualTo(200);
            assertThat(fixture.keyspace.expiring(0)).isZero();
            assertThat(fixture.keyspace.usedMemory()).isZero();
        }
    }

    @Test
    void noDatabaseEscapesAFlushByBeingSwapped() throws InterruptedException {
        try (Fixture fixture = new Fixture(false, 2)) {
            StripeLock lock = fixture.keyspace.stripe(0);
            AtomicBoolean done = new AtomicBoolean();
            Thread swapper = new Thread(() -> {
                while (!done.get()) {
                    lock.lock();
                    fixture.keyspace.swap(0, 1, 0);
                    lock.unlock();
                }
            });
            swapper.start();
            long left = 0;
            for (int i = 0; i < 5_000 && left == 0; i++) {
                lock.lock();
                fixture.put(0, "a", "x", -1);
                fixture.put(1, "b", "x", -1);
                lock.unlock();
                fixture.keyspace.flush(-1);
                left = fixture.keyspace.size(0) + fixture.keyspace.size(1);
            }
            done.set(true);
            swapper.join();
            assertThat(left).isZero();
        }
    }

    @Test
    void swappedDatabasesKeepTheirWatchersAndTellThem() {
        try (Fixture fixture = new Fixture(false, 2)) {
            fixture.put(1, "there", "x", -1);
            List<String> told = new ArrayList<>();
            fixture.only().watch(Fixture.bytes("there"), (_, _) -> told.add("there"));
            fixture.only().watch(Fixture.bytes("nowhere"), (_, _) -> told.add("nowhere"));
            fixture.keyspace.swap(0, 1, 0);
            assertThat(told).containsExactly("there");
            assertThat(fixture.get("there")).isEqualTo("x");
            assertThat(fixture.only().database()).isZero();
            fixture.only().touched(fixture.scratch, 1, 0);
            fixture.keyspace.flush(0);
            assertThat(told).containsExactly("there", "there");
        }
    }

    @Test
    void watchersLearnWhatAKeyWasAndIs() {
        try (Fixture fixture = new Fixture(false, 2)) {
            fixture.put(0, "stale", "x", 5);
            fixture.put(1, "appears", "x", 5);
            fixture.put(0, "goes", "x", -1);
            List<String> told = new ArrayList<>();
            for (String key : List.of("stale", "appears", "goes")) {
                fixture.only().watch(Fixture.bytes(key), (before, after) -> told.add(key + " " + before + " " + after));
            }
            fixture.keyspace.swap(0, 1, 10);
            assertThat(told).containsExactlyInAnyOrder("stale EXPIRED ABSENT", "appears ABSENT EXPIRED", "goes LIVE ABSENT");
            told.clear();
            fixture.keyspace.flush(0);
            assertThat(told).containsExactly("appears LIVE ABSENT");
        }
    }

    @Test
    void watchersAreToldUntilTheyLeave() {
        try (Fixture fixture = new Fixture(false)) {
            List<String> told = new ArrayList<>();
            Watcher first = (_, _) -> told.add("first");
            Watcher second = (_, _) -> told.add("second");
            SlotStore store = fixture.only();
            byte[] key = Fixture.bytes("k");
            store.watch(key, first);
            store.watch(key, first);
            store.watch(key, second);
            fixture.hash("k");
            store.touched(fixture.scratch, 1, 1);
            assertThat(told).containsExactly("first", "second");
            store.unwatch(key, first);
            store.touched(fixture.scratch, 1, 1);
            store.unwatch(key, second);
            store.touched(fixture.scratch, 1, 1);
            store.unwatch(key, second);
            assertThat(told).containsExactly("first", "second", "second");
        }
    }

    @Test
    void aRandomKeyComesFromAnySlot() {
        try (Fixture fixture = new Fixture(true)) {
            Random random = new Random(2);
            assertThat(fixture.keyspace.random(0, random, (_, _) -> {})).isFalse();
            for (int i = 0; i < 50; i++) {
                fixture.put("k" + i, "x");
            }
            Set<String> drawn = new HashSet<>();
            for (int i = 0; i < 1_000; i++) {
                fixture.keyspace.random(0, random, (store, record) -> drawn.add(Fixture.text(store.key(record))));
            }
            assertThat(drawn).hasSize(50);
        }
    }

    @Test
    void countersStartAfreshAfterAReset() {
        try (Fixture fixture = new Fixture(true)) {
            fixture.store("a").hit();
            fixture.store("b").hit();
            fixture.store("c").miss();
            assertThat(fixture.keyspace.stats().hits()).isEqualTo(2);
            assertThat(fixture.keyspace.stats().misses()).isEqualTo(1);
            fixture.keyspace.stats().reset();
            fixture.store("a").hit();
            assertThat(fixture.keyspace.stats().hits()).isEqualTo(1);
            assertThat(fixture.keyspace.stats().misses()).isZero();
        }
    }

    /**
     * One thread writes and removes in a slot while another touches ahead without its lock, through all sizes of the
     * table.
     */
    @Test
    void touchingAheadMayRaceWithEverything() throws InterruptedException {
        try (Fixture fixture = new Fixture(false)) {
            SlotStore store = fixture.only();
            AtomicBoolean done = new AtomicBoolean();
            long[] sums = new long[1];
            Thread toucher = new Thread(() -> {
                Random random = new Random(1);
                while (!done.get()) {
                    long hash = random.nextLong();
                    sums[0] += store.touchTable(hash) + store.touchRecord(hash);
                }
            });
            toucher.start();
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 20_000; i++) {
                    fixture.put("k" + i, "value");
                }
                for (int i = 0; i < 20_000; i++) {
                    fixture.remove("k" + i);
                }
            }
            done.set(true);
            toucher.join();
            assertThat(fixture.keyspace.usedMemory()).isZero();
        }
    }
}
