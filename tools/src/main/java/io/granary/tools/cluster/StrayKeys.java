package io.granary.tools.cluster;

import io.granary.slots.Slot;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which primaries hold keys of slots that they do not own. */
public record StrayKeys(Map<NodeReport, SlotSet> slots) {

    /** Questions asked before their answers are read. */
    private static final int BATCH = 512;

    /** Asks every primary about all slots that are not its own. */
    public static StrayKeys in(Survey survey, Access access) throws IOException {
        Map<NodeReport, SlotSet> found = new LinkedHashMap<>();
        for (NodeReport primary : survey.primaries()) {
            SlotSet asked = SlotSet.all();
            asked.removeAll(primary.slots());
            int[] counts = counts(primary, asked, access);
            SlotSet strays = new SlotSet();
            asked.forEach(slot -> {
                if (counts[slot] > 0) {
                    strays.add(slot);
                }
            });
            if (!strays.isEmpty()) {
                found.put(primary, strays);
            }
        }
        return new StrayKeys(found);
    }

    /** How many keys a node has in each of the slots asked for; 0 in all others. */
    static int[] counts(NodeReport node, SlotSet asked, Access access) throws IOException {
        int[] counts = new int[Slot.COUNT];
        if (node.keys() == 0 || asked.isEmpty()) {
            return counts;
        }
        try (Connection connection = Connection.open(node.address(), access)) {
            for (int from = 0; from < Slot.COUNT; from += BATCH) {
                int end = from + BATCH;
                for (int slot = asked.next(from); slot >= 0 && slot < end; slot = asked.next(slot + 1)) {
                    connection.send("CLUSTER", "COUNTKEYSINSLOT", slot);
                }
                for (int slot = asked.next(from); slot >= 0 && slot < end; slot = asked.next(slot + 1)) {
                    counts[slot] = Integer.parseInt(connection.receive().text());
                }
            }
        }
        return counts;
    }

    public List<Finding> findings() {
        return slots.entrySet().stream().map(entry -> Finding.of(Finding.Kind.STRAY_KEYS, entry.getKey(),
                entry.getKey().address() + " has keys of " + Checkup.slots(entry.getValue()) + " that are not its own",
                entry.getValue())).toList();
    }
}
