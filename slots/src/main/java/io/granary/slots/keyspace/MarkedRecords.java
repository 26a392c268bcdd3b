package io.granary.slots.keyspace;

import io.granary.slots.memory.Heap;

/**
 * The records of one store as a snapshot tells them apart: each has a mark, and the mark of this moment is that of records
 * which the last snapshot has seen, or which were made after its cut. See {@link SnapshotWalk}.
 */
abstract sealed class MarkedRecords extends StoredRecords permits SlotStore {

    final Database database;
    final int slot;

    /** The number of the last snapshot that this store has heard of, and whether it has yet to see some records. */
    private long joined;

    private boolean wanted;

    /** What new records are marked with, and those that the last snapshot has seen. */
    private long mark;

    /** How many other marks records may have. */
    private int otherMarks;

    MarkedRecords(Database database, int slot, Heap heap, KeyHash keyHash) {
        super(heap, keyHash);
        this.database = database;
        this.slot = slot;
    }

    /** The mark of records that are not to be shown. */
    final long mark() {
        return mark;
    }

    /** The mark for a record that is about to be made. */
    final long markOfNew() {
        SnapshotPart part = database.snapshot;
        if (part != null) {
            isWantedBy(part);
        }
        return mark;
    }

    /**
     * Whether the snapshot may not have seen all of the store yet. Asked first before anything changes or a record is
     * made, so that the store has the mark of the snapshot from then on.
     */
    final boolean isWantedBy(SnapshotPart part) {
        if (joined != part.snapshot()) {
            if (!part.walk().hasReached(slot)) {
                return false;
            }
            joined = part.snapshot();
            wanted = part.walk().covers(slot);
            if (wanted) {
                changeMark();
            }
        }
        return wanted;
    }

    /** All records become unseen. */
    private void changeMark() {
        if (marksAreUsedUp()) {
            throw new IllegalStateException("no mark is left for another snapshot");
        }
        mark = RecordLayout.nextMark(mark);
        otherMarks++;
    }

    final boolean isMarked(long record) {
        return RecordLayout.mark(header(record)) == mark;
    }

    /** Marks a record as seen. */
    final void mark(long record) {
        RecordLayout.mark(memory, record, mark);
    }

    /** Whether a record of some age may have the mark that would come next. */
    final boolean marksAreUsedUp() {
        return otherMarks == RecordLayout.MARKS - 1;
    }

    /** All records have the same mark: the snapshot has seen them all. */
    final void allMarked() {
        wanted = false;
        otherMarks = 0;
    }
}
