package io.granary.slots.keyspace;

/**
 * Takes the records of a snapshot: each as it was at the cut, and once.
 *
 * <p>The record's slot is locked during a call, by the thread that walks or by a writer about to change the record.
 * Calls for slots that do not share a stripe may come at the same time. A call must copy and return: no I/O, no
 * exception, no change to any store, and no lock that is held while a slot's lock is taken.
 */
public interface SnapshotVisitor {

    /**
     * @param database the number that the record's database had at the cut
     * @param record of the store; whoever finds its expiry in the past decides what that means
     */
    void visit(int database, SlotStore store, long record);

    /**
     * A snapshot that is taken slot by slot has come to a slot: what changes there from now on is later than what it shows
     * of it. The slot is locked.
     */
    default void reached(int slot) {}

    /**
     * Whether the walk may go on with further records now. What writers are about to change is not asked for: it comes
     * in any case.
     */
    default boolean ready() {
        return true;
    }
}
