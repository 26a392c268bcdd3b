package io.granary.tools.cluster;

/** Tells those who work together to end after what is begun, once one of them has failed. */
public final class StopSign {

    private volatile boolean set;

    public boolean isSet() {
        return set;
    }

    public void set() {
        set = true;
    }
}
