package io.granary.tools.move;

/** Tells everybody who moves slots to end after what is begun, once one of them has failed. */
final class StopSign {

    private volatile boolean set;

    boolean isSet() {
        return set;
    }

    void set() {
        set = true;
    }
}
