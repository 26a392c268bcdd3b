package io.granary.tools.plan;

import io.granary.slots.SlotRange;
import java.util.List;

/** Slots that should go from one primary to another; the nodes by their ids. */
public record Move(String source, String target, List<SlotRange> ranges) {

    public Move {
        if (source.equals(target) || ranges.isEmpty()) {
            throw new IllegalArgumentException("not a move: " + ranges + " from " + source + " to " + target);
        }
        ranges = List.copyOf(ranges);
    }

    public int slotCount() {
        return ranges.stream().mapToInt(SlotRange::size).sum();
    }
}
