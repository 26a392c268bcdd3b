package io.granary.slots.keyspace;

/** Whoever waits to learn that a key was touched: a client between WATCH and EXEC. */
@FunctionalInterface
public interface Watcher {

    /** The key has changed or was removed; called with its slot's lock held, by whichever thread changed it. */
    void touched(KeyState before, KeyState after);
}
