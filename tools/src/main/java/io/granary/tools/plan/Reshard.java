package io.granary.tools.plan;

import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The plans that give one primary slots that an operator asked for. */
public final class Reshard {

    private Reshard() {}

    /**
     * {@code count} slots for {@code target} (or all that the sources have), from each source in proportion to what it
     * owns; what rounding leaves over comes from the largest.
     */
    public static Plan slots(List<Holder> sources, Holder target, int count) {
        int total = sources.stream().mapToInt(source -> source.slots().size()).sum();
        int wanted = Math.min(count, total);
        List<Holder> bySize = new ArrayList<>(sources);
        bySize.sort(Comparator.comparingInt(source -> -source.slots().size()));
        Map<Holder, Integer> shares = new LinkedHashMap<>();
        bySize.forEach(source -> shares.put(source, (int) ((long) wanted * source.slots().size() / Math.max(1, total))));
        int left = wanted - shares.values().stream().mapToInt(Integer::intValue).sum();
        for (Holder source : bySize) {
            int more = Math.min(left, source.slots().size() - shares.get(source));
            shares.merge(source, more, Integer::sum);
            left -= more;
        }
        Plan.Draft draft = new Plan.Draft();
        SlotSet held = SlotSet.copyOf(target.slots());
        shares.forEach((source, share) -> {
            SlotSet some = Pick.slots(source.slots(), share, held);
            held.addAll(some);
            draft.move(source.id(), target.id(), some);
        });
        return draft.plan();
    }

    /** These very slots for {@code target}, each from the source that owns it; what the target owns stays. */
    public static Plan ranges(List<Holder> sources, Holder target, List<SlotRange> ranges) {
        SlotSet wanted = SlotSet.of(ranges);
        wanted.removeAll(target.slots());
        Plan.Draft draft = new Plan.Draft();
        for (Holder source : sources) {
            SlotSet some = new SlotSet();
            source.slots().forEach(slot -> {
                if (wanted.contains(slot)) {
                    some.add(slot);
                }
            });
            wanted.removeAll(some);
            draft.move(source.id(), target.id(), some);
        }
        if (!wanted.isEmpty()) {
            throw new IllegalArgumentException("no source owns slot " + wanted.next(0));
        }
        return draft.plan();
    }
}
