package io.granary.slots.keyspace;

/** Is shown records of many stores, with the lock of the record's slot held; must not change the store. */
@FunctionalInterface
public interface StoreVisitor {

    void visit(SlotStore store, long record);
}
