package io.granary.node.snapshot;

/** What a node reads back: its file at the start, and what its primary sends. */
public final class Loading {

    /** Whether the node had data when it started serving. */
    public boolean loadedData() {
        throw new UnsupportedOperationException();
    }

    /** What the file at the start said of itself and its content; null where there was no file. */
    public LoadedRdb atStart() {
        throw new UnsupportedOperationException();
    }

    /**
     * Begins a load beside the data that is served.
     *
     * @param keepExpired whether keys whose time has come are kept, for the primary to remove
     */
    public ShadowLoad shadow(boolean keepExpired) {
        throw new UnsupportedOperationException();
    }
}
