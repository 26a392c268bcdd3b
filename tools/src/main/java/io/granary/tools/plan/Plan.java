package io.granary.tools.plan;

import io.granary.slots.SlotSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Moves that lead from one sharing of the slots to another: one for each pair of nodes, no slot in two of them. */
public record Plan(List<Move> moves) {

    public static final Plan NOTHING = new Plan(List.of());

    public Plan {
        SlotSet seen = new SlotSet();
        for (Move move : moves) {
            SlotSet slots = SlotSet.of(move.ranges());
            int before = seen.size();
            seen.addAll(slots);
            if (seen.size() != before + slots.size()) {
                throw new IllegalArgumentException("a plan moves a slot twice");
            }
        }
        moves = List.copyOf(moves);
    }

    public boolean isEmpty() {
        return moves.isEmpty();
    }

    public int slotCount() {
        return moves.stream().mapToInt(Move::slotCount).sum();
    }

    public int rangeCount() {
        return moves.stream().mapToInt(move -> move.ranges().size()).sum();
    }

    /** What each node owns once the plan is carried out. */
    public Map<String, SlotSet> after(List<Holder> holders) {
        Map<String, SlotSet> after = new LinkedHashMap<>();
        holders.forEach(holder -> after.put(holder.id(), SlotSet.copyOf(holder.slots())));
        for (Move move : moves) {
            SlotSet slots = SlotSet.of(move.ranges());
            after.get(move.source()).removeAll(slots);
            after.get(move.target()).addAll(slots);
        }
        return after;
    }

    /** A plan in the making: what goes the same way becomes one move. */
    static final class Draft {

        private record Way(String source, String target) {}

        private final Map<Way, SlotSet> slots = new LinkedHashMap<>();

        void move(String source, String target, SlotSet some) {
            slots.computeIfAbsent(new Way(source, target), _ -> new SlotSet()).addAll(some);
        }

        Plan plan() {
            List<Move> moves = new ArrayList<>();
            slots.forEach((way, some) -> {
                if (!some.isEmpty()) {
                    moves.add(new Move(way.source(), way.target(), some.ranges()));
                }
            });
            return new Plan(moves);
        }
    }
}
