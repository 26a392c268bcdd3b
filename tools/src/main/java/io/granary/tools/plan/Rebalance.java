package io.granary.tools.plan;

import java.util.List;

/** The plans that even out what primaries hold, in proportion to their weights. */
public final class Rebalance {

    private Rebalance() {}

    /**
     * Every primary gets its share of the slots to within one slot, by the fewest moves that do it; nothing moves
     * where no primary is off by more than {@code thresholdPercent}.
     */
    public static Plan bySlots(List<Holder> holders, double thresholdPercent) {
        return new SlotBalance(holders).plan(thresholdPercent);
    }

    /**
     * Every primary gets its share of the costs to within {@code thresholdPercent} of it, as far as whole slots allow;
     * nothing moves where that is so already.
     */
    public static Plan byCosts(List<Holder> holders, SlotCosts costs, double thresholdPercent) {
        return new CostBalance(holders, costs, thresholdPercent).plan();
    }
}
