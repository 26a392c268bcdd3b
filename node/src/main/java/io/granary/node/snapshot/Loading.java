package io.granary.node.snapshot;

/** What a node reads back: its file at the start, and what its primary sends. */
public final class Loading {

    private final SnapshotServices services;

    public Loading(SnapshotServices services) {
        this.services = services;
    }

    /**
     * Begins a load beside the data that is served.
     *
     * @param keepExpired whether keys whose time has come are kept, for the primary to remove
     */
    public ShadowLoad shadow(boolean keepExpired) {
        return new ShadowLoad(services, keepExpired);
    }
}
