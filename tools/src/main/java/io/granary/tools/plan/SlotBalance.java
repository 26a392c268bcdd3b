package io.granary.tools.plan;

import io.granary.slots.SlotSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sharing by number of slots.
 *
 * <p>A share is the whole part of what a weight is entitled to. What rounding leaves over goes to primaries that have
 * more than their share anyway, so the number of moves, the sum of all surpluses, is the least possible. Surpluses meet
 * deficits in order of size, which takes at most one move less than there are primaries.
 */
final class SlotBalance {

    /** Keeps what is a whole number but for the rounding of doubles a whole number. */
    private static final double ROUNDING = 1e-9;

    private final List<Holder> holders;
    private final Map<String, Integer> shares = new LinkedHashMap<>();
    private final Map<String, SlotSet> held = new LinkedHashMap<>();

    SlotBalance(List<Holder> holders) {
        this.holders = holders;
        holders.forEach(holder -> held.put(holder.id(), SlotSet.copyOf(holder.slots())));
        shareOut();
    }

    private void shareOut() {
        int left = held.values().stream().mapToInt(SlotSet::size).sum();
        double weights = holders.stream().mapToDouble(Holder::weight).sum();
        if (weights == 0) {
            throw new IllegalArgumentException("no primary has a weight");
        }
        double perWeight = left / weights;
        for (Holder holder : holders) {
            int share = (int) (perWeight * holder.weight() + ROUNDING);
            shares.put(holder.id(), share);
            left -= share;
        }
        List<Holder> entitled = holders.stream()
                .filter(holder -> perWeight * holder.weight() - shares.get(holder.id()) > ROUNDING)
                .sorted(Comparator.comparing((Holder holder) -> surplus(holder.id()) <= 0)
                        .thenComparing(holder -> -(perWeight * holder.weight() - shares.get(holder.id())))).toList();
        for (Holder holder : entitled.subList(0, left)) {
            shares.merge(holder.id(), 1, Integer::sum);
        }
    }

    private int surplus(String id) {
        return held.get(id).size() - shares.get(id);
    }

    Plan plan(double thresholdPercent) {
        return holders.stream().anyMatch(holder -> isOff(holder.id(), thresholdPercent)) ? plan() : Plan.NOTHING;
    }

    /** As redis-cli has it: the difference is measured by what the node owns, and one slot for an empty one is none. */
    private boolean isOff(String id, double thresholdPercent) {
        int size = held.get(id).size();
        int share = shares.get(id);
        if (thresholdPercent == 0) {
            return size != share;
        }
        return size > 0 ? Math.abs(100 - 100.0 * share / size) > thresholdPercent : share > 1;
    }

    private Plan plan() {
        Plan.Draft draft = new Plan.Draft();
        List<String> bySurplus = new ArrayList<>(held.keySet());
        bySurplus.sort(Comparator.comparingInt(id -> -surplus(id)));
        int give = 0;
        int take = bySurplus.size() - 1;
        while (give < take) {
            String source = bySurplus.get(give);
            String target = bySurplus.get(take);
            int count = Math.min(surplus(source), -surplus(target));
            if (count > 0) {
                SlotSet some = Pick.slots(held.get(source), count, held.get(target));
                held.get(source).removeAll(some);
                held.get(target).addAll(some);
                draft.move(source, target, some);
            }
            give += surplus(source) <= 0 ? 1 : 0;
            take -= surplus(target) >= 0 ? 1 : 0;
        }
        return draft.plan();
    }
}
