package io.granary.tools.plan;

import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which slots a node gives when only their number matters: as few ranges as possible, next to what the other one has. */
final class Pick {

    private Pick() {}

    /** {@code count} slots of {@code donor}, or all if it has fewer. */
    static SlotSet slots(SlotSet donor, int count, SlotSet receiver) {
        SlotSet rest = SlotSet.copyOf(donor);
        SlotSet picked = new SlotSet();
        while (picked.size() < count && !rest.isEmpty()) {
            SlotSet some = SlotSet.of(List.of(range(rest.ranges(), count - picked.size(), receiver)));
            rest.removeAll(some);
            picked.addAll(some);
        }
        return picked;
    }

    /** A whole range of just this size, else one cut from a longer range, else the longest range there is. */
    private static SlotRange range(List<SlotRange> ranges, int count, SlotSet receiver) {
        Optional<SlotRange> exact = ranges.stream().filter(range -> range.size() == count).findFirst();
        return exact.orElseGet(() -> ranges.stream().filter(range -> range.size() > count)
                .min(Comparator.comparing((SlotRange range) -> touch(range, receiver) == 0))
                .map(range -> touch(range, receiver) > 0
                        ? new SlotRange(range.last() - count + 1, range.last())
                        : new SlotRange(range.first(), range.first() + count - 1))
                .orElseGet(() -> ranges.stream().max(Comparator.comparingInt(SlotRange::size)).orElseThrow()));
    }

    /** -1 if the receiver's slots end where the range begins, 1 if they begin where it ends, else 0. */
    private static int touch(SlotRange range, SlotSet receiver) {
        if (range.first() > 0 && receiver.contains(range.first() - 1)) {
            return -1;
        }
        return receiver.next(range.last() + 1) == range.last() + 1 ? 1 : 0;
    }
}
