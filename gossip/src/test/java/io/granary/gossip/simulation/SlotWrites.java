package io.granary.gossip.simulation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the writes in a node's log mean for single slots: each belongs to one, and one of a kind of its own deletes all that
 * the slot had before it.
 */
final class SlotWrites {

    private static final int SLOT_SHIFT = 40;

    private long last;

    /** A write to a slot, unlike any other. */
    long write(int slot) {
        return (long) slot + 1 << SLOT_SHIFT | ++last;
    }

    /** The deletion of all that a slot has. */
    long deletion(int slot) {
        return -write(slot);
    }

    private static int slot(long id) {
        return (int) (Math.abs(id) >> SLOT_SHIFT) - 1;
    }

    /** What a node has of a slot, in the order in which it was written. */
    static Set<Long> of(SimulatedNode node, int slot) {
        Set<Long> data = new LinkedHashSet<>();
        for (long id : node.replication().writes()) {
            if (slot(id) != slot) {
                continue;
            }
            if (id < 0) {
                data.clear();
            } else {
                data.add(id);
            }
        }
        return data;
    }

    /** What makes a copy of a slot's data in another log. */
    List<Long> copy(SimulatedNode node, int slot) {
        List<Long> copy = new ArrayList<>();
        copy.add(deletion(slot));
        copy.addAll(of(node, slot));
        return copy;
    }
}
