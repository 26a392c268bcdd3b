package io.granary.node.migration;

import io.granary.gossip.SlotBitmap;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Sets of slots in the forms of requests and of the cluster's machine. */
final class SlotRanges {

    private SlotRanges() {}

    static SlotBitmap bitmap(SlotSet slots) {
        return SlotBitmap.read(ByteBuffer.wrap(slots.toBytes()), 0);
    }

    static SlotSet set(SlotBitmap bitmap) {
        SlotSet set = new SlotSet();
        bitmap.forEach(set::add);
        return set;
    }

    /** The first and last slot of each range. */
    static List<String> words(SlotSet slots) {
        List<String> words = new ArrayList<>();
        for (SlotRange range : slots.ranges()) {
            words.add(Integer.toString(range.first()));
            words.add(Integer.toString(range.last()));
        }
        return words;
    }

    static int[] numbers(SlotSet slots) {
        int[] numbers = new int[slots.size()];
        int at = 0;
        for (int slot = slots.next(0); slot >= 0; slot = slots.next(slot + 1)) {
            numbers[at++] = slot;
        }
        return numbers;
    }
}
