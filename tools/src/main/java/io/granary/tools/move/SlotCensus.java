package io.granary.tools.move;

import io.granary.resp.Frame;
import io.granary.resp.Frame.MapFrame;
import io.granary.slots.Slot;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.plan.SlotCosts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What primaries tell of their slots, one number for each slot. */
public final class SlotCensus {

    private static final int QUESTIONS_AT_ONCE = 512;

    private final Access access;

    public SlotCensus(Access access) {
        this.access = access;
    }

    /** Asks every primary for the slots it owns; slots that nobody owns cost nothing. */
    public SlotCosts take(List<NodeReport> primaries, Measure measure) throws IOException {
        if (measure == Measure.SLOTS) {
            return SlotCosts.equal();
        }
        long[] costs = new long[Slot.COUNT];
        for (NodeReport primary : primaries) {
            SlotSet slots = primary.slots();
            if (!slots.isEmpty()) {
                try (Connection connection = Connection.open(primary.address(), access)) {
                    ask(connection, primary, slots, measure, costs);
                }
            }
        }
        return SlotCosts.of(costs);
    }

    /** Takes the census twice and returns what came in between: for counters, which only grow. */
    public SlotCosts takeOver(List<NodeReport> primaries, Measure counter, long ms) throws IOException {
        SlotCosts before = take(primaries, counter);
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + counter + " was measured", e);
        }
        SlotCosts after = take(primaries, counter);
        long[] difference = new long[Slot.COUNT];
        for (int slot = 0; slot < difference.length; slot++) {
            difference[slot] = Math.max(0, after.of(slot) - before.of(slot));
        }
        return SlotCosts.of(difference);
    }

    private static void ask(Connection connection, NodeReport primary, SlotSet slots, Measure measure, long[] costs)
            throws IOException {
        try {
            List<Frame> rows = connection.call("CLUSTER", "SLOT-STATS", "SLOTSRANGE", 0, Slot.COUNT - 1).items();
            for (Frame row : rows) {
                int slot = Integer.parseInt(row.items().getFirst().text());
                if (slots.contains(slot)) {
                    costs[slot] = statistic(row.items().get(1), primary, measure);
                }
            }
        } catch (ErrorReply refused) {
            if (measure != Measure.KEYS) {
                throw new IOException("node " + primary.address() + " (" + primary.version() + ") does not tell the "
                        + measure + " of its slots: " + refused.getMessage(), refused);
            }
            count(connection, slots, costs);
        }
    }

    private static long statistic(Frame fields, NodeReport primary, Measure measure) throws IOException {
        List<Frame> words = fields instanceof MapFrame map
                ? map.pairs().stream().flatMap(pair -> List.of(pair.key(), pair.value()).stream()).toList() : fields.items();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            if (words.get(i).text().equals(measure.field)) {
                return Math.max(0, Long.parseLong(words.get(i + 1).text()));
            }
        }
        throw new IOException("node " + primary.address() + " (" + primary.version() + ") does not tell the " + measure
                + " of its slots: no " + measure.field + " in CLUSTER SLOT-STATS"
                + (primary.isGranary() ? "" : "; is cluster-slot-stats-enabled set?"));
    }

    /** The way that every version has: a question for each slot. */
    private static void count(Connection connection, SlotSet slots, long[] costs) throws IOException {
        List<Integer> asked = new ArrayList<>();
        slots.forEach(asked::add);
        for (int from = 0; from < asked.size(); from += QUESTIONS_AT_ONCE) {
            List<Integer> some = asked.subList(from, Math.min(asked.size(), from + QUESTIONS_AT_ONCE));
            List<Frame> replies = connection.callAll(some.stream()
                    .map(slot -> new Object[] {"CLUSTER", "COUNTKEYSINSLOT", slot}).toList());
            for (int i = 0; i < some.size(); i++) {
                costs[some.get(i)] = Long.parseLong(replies.get(i).text());
            }
        }
    }
}
