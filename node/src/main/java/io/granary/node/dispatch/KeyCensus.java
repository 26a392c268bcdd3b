package io.granary.node.dispatch;

import java.util.Arrays;

/** Which keys of a request, or of all requests of a transaction, this node holds: asked only while a slot migrates. */
public final class KeyCensus {

    private byte[] first;
    private boolean several;
    private int held;
    private int missing;

    /** Counts a key. */
    public void count(byte[] key, boolean isHeld) {
        if (first == null) {
            first = key;
        } else if (!Arrays.equals(first, key)) {
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
