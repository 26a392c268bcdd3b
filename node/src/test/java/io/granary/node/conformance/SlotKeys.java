package io.granary.node.conformance;

import io.granary.slots.Slot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A key for each slot. */
final class SlotKeys {

    private SlotKeys() {}

    /** 16384 keys, the one at index i of slot i. */
    static List<String> all() {
        String[] keys = new String[Slot.COUNT];
        int missing = keys.length;
        for (int i = 0; missing > 0; i++) {
            String key = "key:" + i;
            int slot = Slot.of(key.getBytes(StandardCharsets.US_ASCII));
            if (keys[slot] == null) {
                keys[slot] = key;
                missing--;
            }
        }
        return new ArrayList<>(List.of(keys));
    }
}
