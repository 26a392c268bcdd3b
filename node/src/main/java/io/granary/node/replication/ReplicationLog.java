package io.granary.node.replication;

import io.granary.node.dispatch.UnitLog;
import io.granary.slots.command.Effects;
import io.granary.slots.memory.SpinLock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The node's one history: every change as the request that repeats it, byte after byte, in the order in which it happened.
 *
 * <h2>Blocks</h2>
 * The bytes lie in a list of blocks outside the heap, shared by all who read them: a replica that is behind costs the blocks
 * between it and the end, two that are behind cost them once. A block at the beginning goes when nobody stands in it and the
 * backlog is long enough without it.
 *
 * <h2>Writers</h2>
 * A unit (a command, an EXEC) is appended with the locks of its slots held, so that the log has the order of the changes of
 * each slot. Writers of different slots meet at a spin lock, which is held for a claim and a copy; {@link #offset()} is
 * published behind the bytes, and readers never look beyond it.
 *
 * <h2>Three states</h2>
 * A log without history keeps nothing: nobody follows this node. One that is written to has history, and {@link #active()}
 * is true. A replica's log has history, which {@link #appendRaw} gets as it came from the primary, byte for byte, so that
 * offsets are the same along a chain of replicas. The state changes only while the locks of all slots are held.
 */
public final class ReplicationLog implements UnitLog, AutoCloseable {

    private static final int BLOCK_BYTES_MIN = 16 * 1024;
    private static final int BLOCK_BYTES_MAX = 64 * 1024;

    /** A block is at most this part of the backlog, so that trimming keeps it near its size. */
    private static final int BLOCKS_IN_BACKLOG = 16;

    private static final VarHandle OFFSET;

    static {
        try {
            OFFSET = MethodHandles.lookup().findVarHandle(ReplicationLog.class, "offset", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Supplier<ByteBufAllocator> allocator;
    private final LongSupplier backlogBytes;
    private final SpinLock lock = new SpinLock();
    private final Effects.Sink copying = this::copy;
    private volatile Runnable waker = () -> { };
    private Runnable onActivity = () -> { };
    private boolean active;
    private volatile ReplicationIds ids;
    /** Written by {@link #publish}, behind the bytes; read as a volatile. */
    private volatile long offset;

    /** How often a history has been given up: readers of an older one read no more. */
    private volatile int generation;

    // Below: guarded by the lock.
    private LogBlock first;
    private LogBlock last;
    private LogBlock spare;
    private long written;
    private long blockBytes;
    private int database = Effects.NO_DATABASE;

    /**
     * @param allocator of the blocks, asked for when the first is needed
     * @param backlogBytes how much is kept behind the end at least, once it was written
     */
    public ReplicationLog(Supplier<ByteBufAllocator> allocator, LongSupplier backlogBytes, ReplicationIds ids) {
        this.allocator = allocator;
        this.backlogBytes = backlogBytes;
        this.ids = ids;
    }

    // ---- what everybody may ask ----

    @Override
    public boolean active() {
        return active;
    }

    /** The names of the history. */
    public ReplicationIds ids() {
        return ids;
    }

    /** The offset of the last byte. */
    public long offset() {
        return offset;
    }

    /** Whether some of the history is kept. */
    public boolean hasHistory() {
        lock.lock();
        boolean kept = first != null;
        lock.unlock();
        return kept;
    }

    /** The offset of the first byte that is kept; 0 without history. */
    public long firstOffset() {
        lock.lock();
        long at = first == null ? 0 : first.start + 1;
        lock.unlock();
        return at;
    }

    /** The database that the stream is in; {@link Effects#NO_DATABASE} if the next change names it. */
    public int database() {
        lock.lock();
        int at = database;
        lock.unlock();
        return at;
    }

    /** Bytes of memory that the history takes. */
    public long memoryBytes() {
        lock.lock();
        long bytes = blockBytes;
        lock.unlock();
        return bytes;
    }

    // ---- changes of state: the locks of all slots are held ----

    /**
     * Begins a history under a new name where there is none; else lets the history be written to from here on. The next
     * change names its database again.
     */
    public void activate(String newId) {
        if (!hasHistory()) {
            ids = ReplicationIds.of(newId);
            begin(offset);
        }
        write(true);
    }

    /** Gives up the history: whoever comes back needs a full sync, and therefore the name changes too. */
    public void giveUp(String newId) {
        write(false);
        drop();
        ids = ReplicationIds.of(newId);
    }

    /** Begins a history that is another node's, behind {@code offset}: this node holds the data of that moment. */
    public void follow(ReplicationIds history, long from) {
        write(false);
        drop();
        ids = history;
        begin(from);
    }

    /** Goes on as a replica with the same history: from here on only {@link #appendRaw} writes. */
    public void follow() {
        write(false);
        if (!hasHistory()) {
            begin(offset);
        }
    }

    /** The primary goes on with the history under a new name. */
    public void rename(String newId) {
        ids = ids.renamed(newId, offset);
    }

    /** The primary goes on with the history under a new name, and knows the old one no more. */
    public void renameAlone(String newId) {
        ids = ReplicationIds.of(newId);
    }

    /** Goes on with the history as a primary, under a new name; whoever followed the old one may go on here. */
    public void lead(String newId) {
        rename(newId);
        if (!hasHistory()) {
            begin(offset);
        }
        write(true);
    }

    /** Has somebody told, with the locks of all slots held, that {@link #active} may have changed. */
    public void onActivity(Runnable told) {
        onActivity = told;
    }

    /** Lets the next change name its database again, since somebody will read from here on. */
    public void forgetDatabase() {
        lock.lock();
        database = Effects.NO_DATABASE;
        lock.unlock();
    }

    private void write(boolean on) {
        lock.lock();
        active = on;
        database = Effects.NO_DATABASE;
        lock.unlock();
        onActivity.run();
    }

    private void begin(long from) {
        lock.lock();
        try {
            written = from;
            first = block();
            last = first;
            publish();
        } finally {
            lock.unlock();
        }
    }

    private void drop() {
        lock.lock();
        try {
            // before a new offset is published, so that no reader takes it for one of the blocks it stands in
            generation++;
            for (LogBlock block = first; block != null; block = block.next) {
                free(block);
            }
            first = null;
            last = null;
            if (spare != null) {
                spare.bytes.release();
                spare = null;
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- writing ----

    @Override
    public long append(Effects unit) {
        lock.lock();
        try {
            database = unit.write(database, copying);
            publish();
            return written;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Appends a request that concerns no data (PING, REPLCONF GETACK) and is for all who follow; does nothing unless active.
     */
    public void append(byte[] request) {
        lock.lock();
        try {
            if (active) {
                copy(MemorySegment.ofArray(request), 0, request.length);
                publish();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Appends bytes as they came from the primary: whole requests. Only one thread does so, with the locks of the slots held
     * that they have just changed, so that whoever holds all locks finds data and history at the same point.
     *
     * @param databaseBehind the database that the primary's stream is in behind them
     */
    public void appendRaw(MemorySegment bytes, long from, long length, int databaseBehind) {
        lock.lock();
        try {
            copy(bytes, from, length);
            database = databaseBehind;
            publish();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets readers see what was copied. No fence, which would cost as much as the copying: {@link #wake} has one for
     * many units.
     */
    private void publish() {
        OFFSET.setRelease(this, written);
    }

    private void copy(MemorySegment bytes, long from, long length) {
        for (long done = 0; done < length; ) {
            if (last.room() == 0) {
                last.next = block();
                last = last.next;
                trim();
            }
            long part = Math.min(last.room(), length - done);
            MemorySegment.copy(bytes, from + done, last.segment, last.used, part);
            last.used += (int) part;
            written += part;
            done += part;
        }
    }

    /** A block for the bytes that come next: the one that went last, if nobody sends from it any more, or a new one. */
    private LogBlock block() {
        int size = Math.clamp(backlogBytes.getAsLong() / BLOCKS_IN_BACKLOG, BLOCK_BYTES_MIN, BLOCK_BYTES_MAX);
        LogBlock old = spare;
        if (old != null) {
            spare = null;
            if (old.bytes.refCnt() == 1 && old.segment.byteSize() == size) {
                blockBytes += size;
                return new LogBlock(old.bytes, old.segment, written);
            }
            old.bytes.release();
        }
        ByteBuf bytes = allocator.get().directBuffer(size, size);
        bytes.writerIndex(size);
        blockBytes += size;
        return new LogBlock(bytes, MemorySegment.ofBuffer(bytes.nioBuffer(0, size)), written);
    }

    /** Frees blocks at the beginning that nobody stands in, as far as the backlog is long enough without them. */
    private void trim() {
        long kept = backlogBytes.getAsLong();
        while (first != last && first.pins == 0 && written - first.end() >= kept) {
            LogBlock gone = first;
            first = gone.next;
            free(gone);
        }
    }

    private void free(LogBlock block) {
        blockBytes -= block.segment.byteSize();
        if (spare == null) {
            spare = block;
        } else {
            block.bytes.release();
        }
    }

    // ---- reading ----

    /** Has somebody told, with no lock held, that there is more to read. */
    public void onMore(Runnable told) {
        waker = told;
    }

    @Override
    public void wake() {
        // a reader that goes to rest and then sees nothing new must be seen resting by whoever appends afterwards
        VarHandle.fullFence();
        waker.run();
    }

    /**
     * Stands behind {@code after}, the offset of a byte that was had, or returns null where the history does not reach it.
     */
    public LogReader reader(long after) {
        lock.lock();
        try {
            if (first == null || after < first.start || after > offset) {
                return null;
            }
            LogBlock block = first;
            while (block.next != null && after >= block.end()) {
                block = block.next;
            }
            pin(block);
            return new LogReader(this, block, after, generation);
        } finally {
            lock.unlock();
        }
    }

    /** Steps from a block that was read to the next; null if that history was given up. */
    LogBlock move(LogBlock from, int readersGeneration) {
        lock.lock();
        try {
            if (readersGeneration != generation) {
                return null;
            }
            pin(from.next);
            from.pins--;
            from.bytes.release();
            trim();
            return from.next;
        } finally {
            lock.unlock();
        }
    }

    int generation() {
        return generation;
    }

    /** A block that is read lives as long as the reader needs it, even when the history is given up. */
    private static void pin(LogBlock block) {
        block.pins++;
        block.bytes.retain();
    }

    void unpin(LogBlock block) {
        lock.lock();
        try {
            block.pins--;
            block.bytes.release();
            if (first != null) {
                trim();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives back the memory; nobody writes any more. */
    @Override
    public void close() {
        write(false);
        drop();
    }
}
