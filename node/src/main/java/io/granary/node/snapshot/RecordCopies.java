package io.granary.node.snapshot;

import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.SnapshotVisitor;
import io.granary.slots.memory.Heap;
import io.granary.slots.memory.MemoryExhaustedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;

/**
 * The records of a snapshot between the store and the encoder: copied under the locks of their slots, encoded without.
 *
 * <p>The thread that walks copies into a block of its own, which is small enough to stay in its cache until the same thread
 * encodes it. The threads that write copy into blocks that they share, and cannot wait: what they hand over counts before
 * the walk goes on. So the copies take as much memory as writers change in the time that a step and its way to the sink
 * take, and never more than all data took at the cut, since each record comes once. The blocks lie beside the data and
 * do not count as {@code used_memory}.
 *
 * <pre>
 * a copy: expiry (8) value length (4) key length (4) access clock (4) database (4) key value, up to a multiple of 8
 * </pre>
 */
final class RecordCopies implements SnapshotVisitor, AutoCloseable {

    private static final int WRITTEN_BYTES = 64 * 1024;
    private static final int HEAD_BYTES = 24;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Heap heap;
    private final MemorySegment memory;
    private final Thread walker;
    private final Block walked;

    /** What the walk copies before it is encoded. */
    private long room = Pace.Purpose.SNAPSHOT.turnBytesMax;

    /** Blocks that are full, a record that is larger than a block alone in one of its own. Guarded by this. */
    private final ArrayDeque<Block> full = new ArrayDeque<>();

    /** What writers copy into, or null. Guarded by this. */
    private Block written;

    private long bytes;
    private long bytesMost;
    private volatile boolean writersWait;
    private volatile boolean exhausted;

    /** Takes a copy as it was before it is gone. */
    interface Taker<E extends Exception> {
        void take(
                int database, int accessClock, long expiryMs, MemorySegment memory, long key, int keyLength, int valueLength)
                throws E;
    }

    private static final class Block {
        final long start;
        final long bytes;
        long used;

        Block(long start, long bytes) {
            this.start = start;
            this.bytes = bytes;
        }
    }

    /** For the thread that calls this: it walks, and takes the copies. */
    RecordCopies(Keyspace keyspace) {
        heap = new Heap(keyspace.memory());
        memory = keyspace.memory().segment();
        walker = Thread.currentThread();
        walked = block(Pace.Purpose.SNAPSHOT.turnBytesMax);
    }

    private Block block(long size) {
        return new Block(heap.allocate(size), size);
    }

    // ---- under the lock of the record's slot ----

    @Override
    public boolean ready() {
        return walked.used < room && !writersWait && !exhausted;
    }

    @Override
    public void visit(int database, SlotStore store, long record) {
        int keyLength = store.keyLength(record);
        long length = keyLength + store.valueLength(record);
        long size = HEAD_BYTES + length + 7 & -8;
        try {
            if (Thread.currentThread() == walker && size <= walked.bytes - walked.used) {
                copy(database, store, record, walked);
                walked.used += size;
            } else if (size > WRITTEN_BYTES / 2) {
                visitLarge(database, store, record, size);
            } else {
                visitAmongOthers(database, store, record, size);
            }
        } catch (MemoryExhaustedException _) {
            exhausted = true;
        }
    }

    /** Copies without holding up those who copy something else. */
    private void visitLarge(int database, SlotStore store, long record, long size) {
        Block own = block(size);
        copy(database, store, record, own);
        own.used = size;
        add(own);
    }

    private synchronized void add(Block block) {
        full.add(block);
        count(block.bytes);
        writersWait = true;
    }

    private synchronized void visitAmongOthers(int database, SlotStore store, long record, long size) {
        if (written != null && written.bytes - written.used < size) {
            full.add(written);
            written = null;
        }
        if (written == null) {
            written = block(WRITTEN_BYTES);
            count(WRITTEN_BYTES);
        }
        copy(database, store, record, written);
        written.used += size;
        writersWait = true;
    }

    private void copy(int database, SlotStore store, long record, Block to) {
        long at = to.start + to.used;
        int keyLength = store.keyLength(record);
        int valueLength = (int) store.valueLength(record);
        memory.set(LONG, at, store.expiry(record));
        memory.set(INT, at + 8, valueLength);
        memory.set(INT, at + 12, keyLength);
        memory.set(INT, at + 16, store.accessClock(record));
        memory.set(INT, at + 20, database);
        // the value lies behind its key
        MemorySegment.copy(memory, store.keyOffset(record), memory, at + HEAD_BYTES, (long) keyLength + valueLength);
    }

    private void count(long added) {
        bytes += added;
        bytesMost = Math.max(bytesMost, bytes);
    }

    // ---- on the thread that walks, without a lock ----

    /** Has the walk copy no more than so many bytes, but one record at least, before they are encoded. */
    void room(int walkedBytes) {
        room = walkedBytes;
    }

    /** Hands over all copies that there are. */
    <E extends Exception> void take(Taker<E> taker) throws E {
        hand(walked, taker);
        walked.used = 0;
        for (Block next = next(); next != null; next = next()) {
            try {
                hand(next, taker);
            } finally {
                free(next);
            }
        }
    }

    /** Whether there was no memory for a copy: then the snapshot is not whole. */
    boolean exhausted() {
        return exhausted;
    }

    private synchronized Block next() {
        Block next = full.poll();
        if (next == null) {
            next = written;
            written = null;
            writersWait = false;
        }
        return next;
    }

    private <E extends Exception> void hand(Block block, Taker<E> taker) throws E {
        long end = block.start + block.used;
        for (long at = block.start; at < end; ) {
            int valueLength = memory.get(INT, at + 8);
            int keyLength = memory.get(INT, at + 12);
            taker.take(memory.get(INT, at + 20), memory.get(INT, at + 16), memory.get(LONG, at), memory,
                    at + HEAD_BYTES, keyLength, valueLength);
            at += HEAD_BYTES + (long) keyLength + valueLength + 7 & -8;
        }
    }

    private synchronized void free(Block block) {
        heap.free(block.start);
        bytes -= block.bytes;
    }

    /** The most that copies of writers have taken at once. */
    synchronized long bytesMost() {
        return bytesMost + walked.bytes;
    }

    /** What copies take now. */
    synchronized long bytes() {
        return bytes + walked.bytes;
    }

    /** Frees what nobody has taken. The walk has ended: no record is shown any more. */
    @Override
    public synchronized void close() {
        heap.free(walked.start);
        full.forEach(block -> heap.free(block.start));
        full.clear();
        if (written != null) {
            heap.free(written.start);
            written = null;
        }
    }
}
