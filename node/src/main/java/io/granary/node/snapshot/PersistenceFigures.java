package io.granary.node.snapshot;

/**
 * How far the snapshot and the load that are under way have come, and what the last ones were like.
 *
 * @param loading whether an RDB is being loaded, as far as clients notice it
 * @param loadingBeside whether data is served meanwhile
 * @param bytesToLoad 0 where nobody knows
 * @param savingSeconds -1 while no snapshot is under way
 * @param copiedBytes what is held beside the data for the sake of the snapshot
 */
public record PersistenceFigures(
        boolean loading, boolean loadingBeside, long loadStartedMs, long loadedBytes, long bytesToLoad, long loadSeconds,
        boolean saving, long savingSeconds, long savedKeys, long keysToSave, long copiedBytes, long copiedBytesMost,
        long lastCopiedBytes, long lastLoaded, long lastExpired) {

    /** As of now. */
    public static PersistenceFigures of(Persistence persistence, long nowMs) {
        RdbStream save = persistence.snapshots().current();
        ShadowLoad load = persistence.loading().current();
        LoadNotice notice = load == null ? LoadNotice.NONE : persistence.loading().notice();
        LoadedRdb last = persistence.loading().last();
        return new PersistenceFigures(
                notice != LoadNotice.NONE, notice == LoadNotice.BESIDE, load == null ? 0 : load.startedMs(),
                load == null ? 0 : load.bytesDone(), load == null ? 0 : load.bytesTotal(),
                load == null ? 0 : (nowMs - load.startedMs()) / 1000,
                save != null, save == null ? -1 : (nowMs - save.startedMs()) / 1000,
                save == null ? 0 : save.keysDone(), save == null ? 0 : save.keysAtTheCut(),
                save == null ? 0 : save.copiedBytes(), save == null ? 0 : save.copiedBytesMost(),
                persistence.snapshots().lastCopiedBytes(),
                last == null ? 0 : last.keys(), last == null ? 0 : last.expired());
    }

    public double savedPercent() {
        return percent(savedKeys, keysToSave);
    }

    public double loadedPercent() {
        return percent(loadedBytes, bytesToLoad);
    }

    private static double percent(long done, long all) {
        return all == 0 ? 0 : Math.min(100, 100.0 * done / all);
    }

    /** How many seconds more the load will take at the speed that it had so far; 1 where there is too little to tell. */
    public long loadSecondsLeft() {
        return loadSeconds == 0 ? 1 : loadSeconds * Math.max(1, bytesToLoad - loadedBytes) / (loadedBytes + 1);
    }
}
