package io.granary.tools.plan;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.Arrays;
import java.util.List;

/** What each slot weighs when slots are shared out: one each, its keys, its bytes, or the time it keeps a node busy. */
public final class SlotCosts {

    private final long[] costs;

    private SlotCosts(long[] costs) {
        this.costs = costs;
    }

    /** Every slot weighs the same. */
    public static SlotCosts equal() {
        long[] ones = new long[Slot.COUNT];
        Arrays.fill(ones, 1);
        return new SlotCosts(ones);
    }

    /** One number a slot, none negative. */
    public static SlotCosts of(long[] costs) {
        if (costs.length != Slot.COUNT || Arrays.stream(costs).anyMatch(cost -> cost < 0)) {
            throw new IllegalArgumentException("not the costs of " + Slot.COUNT + " slots");
        }
        return new SlotCosts(costs.clone());
    }

    public long of(int slot) {
        return costs[slot];
    }

    public long sum(SlotSet slots) {
        long sum = 0;
        for (int slot = slots.next(0); slot >= 0; slot = slots.next(slot + 1)) {
            sum += costs[slot];
        }
        return sum;
    }

    public long sum(List<SlotRange> ranges) {
        return sum(SlotSet.of(ranges));
    }
}
