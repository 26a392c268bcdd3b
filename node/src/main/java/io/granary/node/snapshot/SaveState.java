package io.granary.node.snapshot;

/**
 * What is known of a node's saves.
 *
 * @param savedMs when the data was saved last, in unix time; at first, when the node started
 * @param savedChanges the number of changes since the start that were saved then
 * @param failing whether the last save in the background failed
 * @param lastSeconds how long it took; -1 if there was none
 * @param count how many saves have begun
 */
public record SaveState(long savedMs, long savedChanges, boolean failing, long lastSeconds, long count) {

    static SaveState atStart(long nowMs) {
        return new SaveState(nowMs, 0, false, -1, 0);
    }

    SaveState begun() {
        return new SaveState(savedMs, savedChanges, failing, lastSeconds, count + 1);
    }

    SaveState saved(long nowMs, long changes) {
        return new SaveState(nowMs, changes, false, lastSeconds, count);
    }

    SaveState failed() {
        return new SaveState(savedMs, savedChanges, true, lastSeconds, count);
    }

    SaveState lasted(long seconds) {
        return new SaveState(savedMs, savedChanges, failing, seconds, count);
    }

    SaveState uncounted() {
        return new SaveState(savedMs, savedChanges, failing, lastSeconds, 0);
    }
}
