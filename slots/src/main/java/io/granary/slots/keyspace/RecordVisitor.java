package io.granary.slots.keyspace;

/** Is shown the records of one store, one after the other; must not change the store. */
@FunctionalInterface
public interface RecordVisitor {

    void visit(long record);
}
