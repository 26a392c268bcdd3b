package io.granary.tools.plan;

import io.granary.slots.SlotSet;

/**
 * A primary among those that share the slots: what it owns, and its weight in proportion to the others'. Weight 0
 * means that it should own nothing.
 */
public record Holder(String id, SlotSet slots, double weight) {

    public Holder {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("not a weight: " + weight);
        }
        slots = SlotSet.copyOf(slots);
    }
}
