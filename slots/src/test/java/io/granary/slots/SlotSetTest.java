package io.granary.slots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotSetTest {

    @Test
    void rangesAreTheFewestAndAscending() {
        SlotSet set = SlotSet.of(5, 0, 1, 2, 16383, 16382, 64, 63);
        assertThat(set.ranges()).containsExactly(
                new SlotRange(0, 2), new SlotRange(5, 5), new SlotRange(63, 64), new SlotRange(16382, 16383));
        assertThat(set).hasToString("0-2 5 63-64 16382-16383");
        assertThat(SlotSet.of(set.ranges())).isEqualTo(set);
        assertThat(SlotSet.all().ranges()).containsExactly(new SlotRange(0, 16383));
        assertThat(new SlotSet().ranges()).isEmpty();
    }

    @Test
    void theBytesAreThoseOfTheBus() {
        SlotSet set = SlotSet.of(0, 9, 16383);
        byte[] bytes = set.toBytes();
        assertThat(bytes).hasSize(2048);
        assertThat(bytes[0]).isEqualTo((byte) 1);
        assertThat(bytes[1]).isEqualTo((byte) 2);
        assertThat(bytes[2047]).isEqualTo((byte) 0x80);
        assertThat(SlotSet.ofBytes(bytes)).isEqualTo(set);
        assertThatThrownBy(() -> SlotSet.ofBytes(new byte[7])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void itBehavesAsASetOfBits() {
        long seed = 42;
        Random random = new Random(seed);
        SlotSet set = new SlotSet();
        BitSet model = new BitSet();
        for (int i = 0; i < 20_000; i++) {
            int slot = random.nextInt(Slot.COUNT);
            if (random.nextInt(3) > 0) {
                set.add(slot);
                model.set(slot);
            } else {
                set.remove(slot);
                model.clear(slot);
            }
            assertThat(set.contains(slot)).isEqualTo(model.get(slot));
            assertThat(set.next(slot)).isEqualTo(model.nextSetBit(slot));
        }
        assertThat(set.size()).isEqualTo(model.cardinality());
        SlotSet copy = SlotSet.copyOf(set);
        copy.removeAll(set);
        assertThat(copy.isEmpty()).isTrue();
        assertThat(set.isEmpty()).isFalse();
    }

    @Test
    void aRangeKnowsItsBounds() {
        assertThat(new SlotRange(3, 3)).hasToString("3");
        assertThat(new SlotRange(3, 9).size()).isEqualTo(7);
        for (int[] wrong : List.of(new int[] {-1, 3}, new int[] {4, 3}, new int[] {0, 16384})) {
            assertThatThrownBy(() -> new SlotRange(wrong[0], wrong[1])).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
