package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several threads write while snapshots are walked. */
class SnapshotConcurrencyTest {

    private static final int KEYS = 4_000;
    private static final int TAGS = 40;
    private static final int WRITERS = 3;
    private static final int SNAPSHOTS = 8;
    private static final int ABSENT = 0;
    private static final int NOT_SHOWN = -1;
    private static final int TWICE = -2;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean stop = new AtomicBoolean();

    /** The version that each key has, changed under the lock of its slot only. */
    private final int[] versions = new int[KEYS];

    private final int[] shown = new int[KEYS];

    private static String key(int number) {
        return "{" + number % TAGS + "}" + number;
    }

    /** Values of one version are of one length, so that many overwrites are in place. */
    private static String value(int version) {
        return version + " " + "x".repeat(version % 5 * 30);
    }

    private static int version(String value) {
        int version = Integer.parseInt(value.substring(0, value.indexOf(' ')));
        assertThat(value).isEqualTo(value(version));
        return version;
    }

    private final class Writer implements Runnable {

        private final Keyspace keyspace;
        private final Random random;

        Writer(Keyspace keyspace, long seed) {
            this.keyspace = keyspace;
            this.random = new Random(seed);
        }

        @Override
        public void run() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment scratch = arena.allocate(1 << 10);
                for (int version = 1; !stop.get(); version++) {
                    write(scratch, random.nextInt(KEYS), version);
                }
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }

        private void write(MemorySegment scratch, int number, int version) {
            byte[] key = Fixture.bytes(key(number));
            byte[] value = Fixture.bytes(value(version));
            MemorySegment.copy(key, 0, scratch, Layouts.BYTE, 0, key.length);
            MemorySegment.copy(value, 0, scratch, Layouts.BYTE, 512, value.length);
            long hash = keyspace.hash(scratch, 0, key.length);
            int slot = Slot.of(key);
            SlotStore store = keyspace.store(0, slot);
            StripeLock lock = keyspace.lock(slot);
            lock.lock();
            try {
                long record = store.find(scratch, 0, key.length, hash);
                int dice = random.nextInt(20_000);
                if (dice == 0) {
                    store.clear();
                    for (int i = number % TAGS; i < KEYS; i += TAGS) {
                        versions[i] = ABSENT;
                    }
                } else if (dice < 4_000 && record != SlotStore.NONE) {
                    store.remove(record, hash);
                    versions[number] = ABSENT;
                } else {
                    store.putString(scratch, 0, key.length, hash, scratch, 512, value.length, Encoding.RAW.code, -1);
                    versions[number] = version;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void show(int database, SlotStore store, long record) {
        String key = Fixture.text(store.key(record));
        int number = Integer.parseInt(key.substring(key.indexOf('}') + 1));
        shown[number] = shown[number] == NOT_SHOWN ? version(Fixture.text(store.value(record))) : TWICE;
    }

    private int[] snapshot(Keyspace keyspace, long budget) {
        Arrays.fill(shown, NOT_SHOWN);
        int[][] cut = new int[1][];
        SnapshotWalk walk = keyspace.snapshot(null, this::show);
        walk.begin(() -> cut[0] = versions.clone());
        while (walk.step(budget)) {
            Thread.yield();
        }
        return cut[0];
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void writersOnSeveralThreadsDoNotBlurTheCut(long seed) throws InterruptedException {
        try (Fixture fixture = new Fixture(true)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                threads.add(Thread.ofPlatform().start(new Writer(fixture.keyspace, seed * 100 + i)));
            }
            try {
                for (int i = 0; i < SNAPSHOTS; i++) {
                    int[] cut = snapshot(fixture.keyspace, 2_000L << i);
                    for (int key = 0; key < KEYS; key++) {
                        assertThat(shown[key])
                                .as("seed %d, snapshot %d, key %d", seed, i, key)
                                .isEqualTo(cut[key] == ABSENT ? NOT_SHOWN : cut[key]);
                    }
                }
            } finally {
                stop.set(true);
                for (Thread thread : threads) {
                    thread.join();
                }
            }
            assertThat(failure.get()).isNull();
        }
    }
}
