package io.granary.slots.keyspace;

/**
 * One call of SCAN: a walk over the keys of a database from a cursor on, which takes the locks itself, and none for long.
 *
 * <p>A cursor is a position in a slot's table with the slot in its lowest bits, as Redis's is. Every key that is there from
 * the first call of a scan to the last is visited, once.
 */
final class Scan implements RecordVisitor {

    private static final int SCANNED_UNDER_ONE_LOCK = 512;

    private final Keyspace keyspace;
    private final int database;
    private final int slotBits;
    private final StoreVisitor visitor;
    private int visited;

    /** That of the record that is shown next. */
    private SlotStore store;

    Scan(Keyspace keyspace, int database, StoreVisitor visitor) {
        this.keyspace = keyspace;
        this.database = database;
        this.visitor = visitor;
        slotBits = Integer.numberOfTrailingZeros(keyspace.slots());
    }

    /**
     * Goes on from a cursor until {@code count} keys are visited or there are no more.
     *
     * @param onlySlot to visit the keys of one slot only, or -1
     * @return the next cursor (not negative), 0 at the end
     */
    long from(long cursor, int count, int onlySlot) {
        int slot = (int) cursor & keyspace.slots() - 1;
        long position = cursor >>> slotBits;
        if (onlySlot >= 0 && slot != onlySlot) {
            if (slot > onlySlot) {
                return 0;
            }
            slot = onlySlot;
            position = 0;
        }
        for (int left = count; ; left = count - visited) {
            int part = Math.min(left, SCANNED_UNDER_ONE_LOCK);
            int before = visited;
            position = ofSlot(slot, position, part);
            if (position == 0) {
                slot = onlySlot >= 0 ? keyspace.slots() : keyspace.database(database).nextOccupied(slot + 1, false);
                if (slot == keyspace.slots()) {
                    return 0;
                }
            } else if (visited - before < part) {
                return position << slotBits | slot;
            }
            if (visited >= count) {
                return position << slotBits | slot;
            }
        }
    }

    private long ofSlot(int slot, long position, int count) {
        if (keyspace.database(database).size(slot) == 0 || keyspace.hides(slot)) {
            return 0;
        }
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            // Not before: SWAPDB may have put another in its place.
            store = keyspace.storeIfPresent(database, slot);
            return store == null || store.size() == 0 ? 0 : store.scan(position, count, this);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void visit(long record) {
        visited++;
        visitor.visit(store, record);
    }
}
