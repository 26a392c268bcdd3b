package io.granary.tools.move;

/**
 * How slots are moved.
 *
 * @param classic key by key also between nodes that can do better
 * @param pipeline keys sent at once, the classic way
 * @param timeoutMs how long a source waits for its target, the classic way
 * @param replace whether keys that the target has already may be overwritten by other values, the classic way
 */
public record MoveStyle(boolean classic, int pipeline, int timeoutMs, boolean replace) {

    public static final MoveStyle USUAL = new MoveStyle(false, 10, 60_000, false);
}
