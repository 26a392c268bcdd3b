package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.SlotSet;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys of hidden slots are there, for those who know them. */
final class HiddenSlotsTest {

    private static final int SHOWN = 7;
    private static final int HIDDEN = 8;

    private final NativeMemory memory = NativeMemory.reserve(1 << 28, MemoryOptions.TEST);
    private final Keyspace keyspace = new Keyspace(memory, new KeyHash(1, 2), 1, true, 16);

    @AfterEach
    void free() {
        keyspace.close();
    }

    private void put(int slot, String key, long expiryMs) {
        byte[] bytes = key.getBytes();
        var segment = Layouts.nativeCopy(bytes);
        keyspace.store(0, slot).putString(
                segment, 0, bytes.length, keyspace.hash(segment, 0, bytes.length), segment, 0, bytes.length, 0, expiryMs);
    }

    private List<String> scanned() {
        List<String> keys = new ArrayList<>();
        long cursor = 0;
        do {
            cursor = keyspace.scan(0, cursor, 1, -1, (store, record) -> keys.add(new String(store.key(record))));
        } while (cursor != 0);
        return keys;
    }

    @Test
    void theyAreNeitherCountedNorWalkedNorDrawn() {
        put(SHOWN, "shown", -1);
        put(HIDDEN, "hidden", 1000);
        keyspace.hidden().add(SlotSet.of(HIDDEN));
        assertThat(keyspace.size(0)).isOne();
        assertThat(keyspace.expiring(0)).isZero();
        assertThat(scanned()).containsExactly("shown");
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20; i++) {
            assertThat(keyspace.random(0, random, (store, _) -> assertThat(store.slot()).isEqualTo(SHOWN))).isTrue();
        }
        assertThat(keyspace.store(0, HIDDEN).find("hidden".getBytes())).isNotEqualTo(SlotStore.NONE);
        keyspace.hidden().remove(SlotSet.of(HIDDEN));
        assertThat(keyspace.size(0)).isEqualTo(2);
        assertThat(scanned()).containsExactlyInAnyOrder("shown", "hidden");
    }

    @Test
    void theyNeitherExpireNorAreEvicted() {
        put(HIDDEN, "hidden", 1000);
        keyspace.hidden().add(SlotSet.of(HIDDEN));
        assertThat(new ActiveExpiry(keyspace).step(2000, () -> false, (_, _) -> { })).isZero();
        Eviction eviction = new Eviction(keyspace);
        eviction.configure(EvictionPolicy.ALLKEYS_RANDOM, 5, 1);
        assertThat(eviction.makeRoom(0, 2000, new SplittableRandom(1), (_, _) -> { })).as("nothing may go").isFalse();
        assertThat(keyspace.store(0, HIDDEN).size()).isOne();
        keyspace.hidden().remove(SlotSet.of(HIDDEN));
        assertThat(new ActiveExpiry(keyspace).step(2000, () -> false, (_, _) -> { })).isOne();
    }
}
