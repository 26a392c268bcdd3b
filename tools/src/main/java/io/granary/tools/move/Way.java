package io.granary.tools.move;

import io.granary.slots.SlotSet;
import io.granary.tools.cluster.NodeReport;
import java.io.IOException;

/** A way to get slots with their keys from one primary to another. */
interface Way {

    /**
     * Moves the slots that the source owns, and returns when the target owns them. What fails half way is left so that the
     * next run can go on with it.
     */
    void move(NodeReport source, NodeReport target, SlotSet slots) throws IOException;
}
