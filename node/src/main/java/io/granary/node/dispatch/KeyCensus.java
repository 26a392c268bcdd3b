package io.granary.node.dispatch;

import java.lang.foreign.MemorySegment;

/** Which keys of a request, or of all requests of a transaction, this node holds: asked only while a slot migrates. */
public final class KeyCensus {

    private MemorySegment first;
    private boolean several;
    private int held;
    private int missing;

    /** Counts a key, whose bytes stay as they are until the last is counted. */
    public void count(MemorySegment key, boolean isHeld) {
        if (first == null) {
            first = key;
        } else if (first.mismatch(key) >= 0) {
            several = true;
        }
        if (isHeld) {
            held++;
        } else {
            missing++;
        }
    }

    /** Whether two of the keys differ. */
    boolean several() {
        return several;
    }

    int held() {
        return held;
    }

    int missing() {
        return missing;
    }
}
