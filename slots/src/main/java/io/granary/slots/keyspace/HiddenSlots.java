package io.granary.slots.keyspace;

import io.granary.slots.SlotSet;
import java.util.function.IntToLongFunction;

/**
 * Slots that are on their way to this node: whoever names a key of them finds it, but walks, counts and random picks leave
 * them out, and no key of them expires or is evicted, since another node still decides about that.
 */
public final class HiddenSlots {

    /** Null for none; replaced, never changed. */
    private volatile SlotSet slots;

    HiddenSlots() {}

    /** Hides more slots. */
    public synchronized void add(SlotSet more) {
        SlotSet next = slots == null ? new SlotSet() : SlotSet.copyOf(slots);
        next.addAll(more);
        slots = next.isEmpty() ? null : next;
    }

    /** Shows slots again. */
    public synchronized void remove(SlotSet shown) {
        if (slots != null) {
            SlotSet next = SlotSet.copyOf(slots);
            next.removeAll(shown);
            slots = next.isEmpty() ? null : next;
        }
    }

    /** Whether the slot is hidden. From any thread. */
    public boolean contains(int slot) {
        SlotSet now = slots;
        return now != null && now.contains(slot);
    }

    long sum(IntToLongFunction ofSlot) {
        SlotSet now = slots;
        long sum = 0;
        for (int slot = now == null ? -1 : now.next(0); slot >= 0; slot = now.next(slot + 1)) {
            sum += ofSlot.applyAsLong(slot);
        }
        return sum;
    }
}
