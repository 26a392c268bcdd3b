package io.granary.node.dispatch;

import io.granary.slots.command.Effects;

/**
 * Where the node writes down what its own commands change, in the order in which the data of each slot changes.
 *
 * <p>A unit is appended with the locks of all its keys held, so the log must neither wait nor do I/O.
 */
public interface UnitLog {

    /** Of a node whose changes nobody is told. */
    UnitLog NONE = new UnitLog() {
        @Override
        public boolean active() {
            return false;
        }

        @Override
        public long append(Effects unit) {
            throw new IllegalStateException("the log is not active");
        }

        @Override
        public void wake() {
            // nobody reads it
        }
    };

    /**
     * Whether changes are written down: this node leads, and somebody follows or may come back. A plain field, read for
     * every command with its slot's lock held; it changes only while all locks of the keyspace are held.
     */
    boolean active();

    /**
     * Appends what {@link Effects#write} writes, in one piece; returns the offset behind it. The unit has a request at
     * least.
     */
    long append(Effects unit);

    /** Lets those who read the log know that there is more; called once for many units, with no lock held. */
    void wake();
}
