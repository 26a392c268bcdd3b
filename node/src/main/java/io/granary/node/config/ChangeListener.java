package io.granary.node.config;

/** A part of a node that obeys a setting which CONFIG SET can change. */
@FunctionalInterface
public interface ChangeListener {
    /** Obeys the new value. An exception refuses it: all values of that CONFIG SET return to what they were. */
    void changed() throws BadValueException;
}
