package io.granary.tools.plan;

import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which slots a node gives when their costs matter.
 *
 * <p>Slots that cost many times the average go first and one by one, the most expensive first: each spares moving a whole
 * stretch of ordinary ones. The rest is a stretch of neighbours. Of all stretches that end within the slack of what is
 * wanted the best has the fewest slots, where a cut in the middle of a range of the donor counts as some slots more; where
 * no stretch is worth enough, the one worth the most is taken and the search goes on.
 */
final class CostPick {

    /** From so many times the average on a slot is worth a range of its own. */
    private static final int OUTSTANDING = 8;

    /** So many slots more may be moved for a range less. */
    private static final int SLOTS_FOR_A_RANGE = 16;

    private record Stretch(SlotRange range, long cost, int penalty) {

        int effort() {
            return range.size() + penalty;
        }
    }

    private final SlotSet rest;
    private final SlotSet receiver;
    private final SlotCosts costs;
    private final SlotSet picked = new SlotSet();
    private long worth;

    CostPick(SlotSet donor, SlotSet receiver, SlotCosts costs) {
        this.rest = SlotSet.copyOf(donor);
        this.receiver = receiver;
        this.costs = costs;
    }

    /** Slots that together cost about {@code wanted}, never more than {@code slack} above it; empty if each costs more. */
    SlotSet worth(double wanted, double slack) {
        pickOutstanding(wanted + slack);
        while (worth < wanted - slack) {
            Stretch best = bestStretch(wanted - worth, slack);
            if (best == null) {
                break;
            }
            pick(best.range(), best.cost());
        }
        return picked;
    }

    private void pick(SlotRange range, long cost) {
        SlotSet some = SlotSet.of(List.of(range));
        rest.removeAll(some);
        picked.addAll(some);
        worth += cost;
    }

    private void pickOutstanding(double most) {
        double ordinary = (double) costs.sum(rest) / Math.max(1, rest.size());
        List<Integer> outstanding = new ArrayList<>();
        rest.forEach(slot -> {
            if (costs.of(slot) > OUTSTANDING * ordinary) {
                outstanding.add(slot);
            }
        });
        outstanding.sort(Comparator.comparingLong(slot -> -costs.of(slot)));
        for (int slot : outstanding) {
            if (worth + costs.of(slot) <= most) {
                pick(new SlotRange(slot, slot), costs.of(slot));
            }
        }
    }

    private Stretch bestStretch(double wanted, double slack) {
        Stretch best = null;
        for (SlotRange range : rest.ranges()) {
            int first = range.first();
            long cost = 0;
            for (int last = range.first(); last <= range.last(); last++) {
                cost += costs.of(last);
                while (first <= last && (cost > wanted + slack || costs.of(first) == 0)) {
                    cost -= costs.of(first++);
                }
                if (cost > 0 && costs.of(last) > 0) {
                    Stretch found = new Stretch(new SlotRange(first, last), cost, penalty(range, first, last));
                    best = better(best, found, wanted - slack);
                }
            }
        }
        return best;
    }

    /** What a range at the receiver's spares, and a cut in the middle costs. */
    private int penalty(SlotRange range, int first, int last) {
        boolean joins = first > 0 && receiver.contains(first - 1) || receiver.next(last + 1) == last + 1;
        int cuts = (first > range.first() ? 1 : 0) + (last < range.last() ? 1 : 0);
        return (cuts - (joins ? 1 : 0)) * SLOTS_FOR_A_RANGE;
    }

    private static Stretch better(Stretch best, Stretch found, double enough) {
        if (best == null) {
            return found;
        }
        boolean bestIsEnough = best.cost() >= enough;
        if (bestIsEnough != found.cost() >= enough) {
            return bestIsEnough ? best : found;
        }
        int comparison = bestIsEnough
                ? Integer.compare(best.effort(), found.effort()) : Long.compare(found.cost(), best.cost());
        return comparison <= 0 ? best : found;
    }
}
