package io.granary.tools.plan;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Clusters to plan for. */
final class Holders {

    private Holders() {}

    static Holder of(String id, double weight, SlotRange... ranges) {
        return new Holder(id, SlotSet.of(List.of(ranges)), weight);
    }

    /** All slots in runs of random length, dealt to two to eight primaries, some of them empty. */
    static List<Holder> random(Random random) {
        int count = 2 + random.nextInt(7);
        List<SlotSet> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            held.add(new SlotSet());
        }
        int owners = 1 + random.nextInt(count);
        int longest = 1 << 2 + random.nextInt(12);
        for (int first = 0; first < Slot.COUNT; ) {
            int last = Math.min(Slot.COUNT - 1, first + random.nextInt(longest));
            held.get(random.nextInt(owners)).add(new SlotRange(first, last));
            first = last + 1;
        }
        List<Holder> holders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            holders.add(new Holder("node" + i, held.get(i), random.nextInt(4) == 0 ? random.nextInt(4) : 1));
        }
        return holders.stream().anyMatch(holder -> holder.weight() > 0) ? holders : random(random);
    }
}
