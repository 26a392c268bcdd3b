package io.granary.slots.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A sub-heap: cells of the size classes, in slabs of its own, and runs of pages for what is larger.
 *
 * <p>What was allocated in a heap is freed in the same. The slabs of a class that have a free cell form a list; a slab
 * that is full leaves it, one that is empty goes back to the page allocator. The free cells of a slab are linked
 * through their first two bytes; cells behind the highest one ever used are handed out in order, so that memory is not
 * touched before it is needed. All there is to know about a slab is in the page table: no Java object is made for an
 * allocation or a slab.
 *
 * <p>The lock is held for a few dozen instructions. Callers may hold any lock of theirs; none is taken under this one
 * but the page allocator's.
 */
public final class Heap {

    private static final byte POISON = (byte) 0xDB;
    private static final long POISONED_LONG = 0xDBDBDBDBDBDBDBDBL;
    private static final int LINK_BYTES = Short.BYTES;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final VarHandle USED_BYTES;

    static {
        try {
            USED_BYTES = MethodHandles.lookup().findVarHandle(Heap.class, "usedBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final NativeMemory memory;
    private final MemorySegment segment;
    private final PageTable table;
    private final PageAllocator pages;
    private final long unitMask;
    private final boolean poison;
    private final int[] slabsWithRoom = new int[SizeClasses.COUNT];
    private final SpinLock lock = new SpinLock();
    private long usedBytes;

    public Heap(NativeMemory memory) {
        this.memory = memory;
        this.segment = memory.segment();
        this.table = memory.table();
        this.pages = memory.pages();
        this.unitMask = (1L << memory.referenceShift()) - 1;
        this.poison = memory.poison();
    }

    public NativeMemory memory() {
        return memory;
    }

    /** Bytes in allocated cells and runs, exact. */
    public long usedBytes() {
        return (long) USED_BYTES.getOpaque(this);
    }

    private void use(long bytes) {
        USED_BYTES.setOpaque(this, usedBytes + bytes);
    }

    /** What an allocation of {@code bytes} really takes. */
    public long rounded(long bytes) {
        return SizeClasses.rounded(bytes + unitMask & ~unitMask);
    }

    /**
     * Allocates at least {@code bytes}, more than 0; what they hold is undefined. Returns the offset, a multiple of 8
     * and of the unit of references, of 64 if {@code bytes} is one.
     */
    public long allocate(long bytes) {
        long size = bytes + unitMask & ~unitMask;
        return size <= SizeClasses.LARGEST ? allocateCell(SizeClasses.of((int) size)) : allocateRun(size, false);
    }

    /** As {@link #allocate}, but all zeros. */
    public long allocateZeroed(long bytes) {
        long size = bytes + unitMask & ~unitMask;
        if (size > SizeClasses.LARGEST) {
            return allocateRun(size, true);
        }
        int sizeClass = SizeClasses.of((int) size);
        long offset = allocateCell(sizeClass);
        segment.asSlice(offset, SizeClasses.size(sizeClass)).fill((byte) 0);
        return offset;
    }

    private long allocateRun(long bytes, boolean zeroed) {
        long count = PageTable.pagesFor(bytes);
        if (count > Integer.MAX_VALUE) {
            throw new MemoryExhaustedException(bytes);
        }
        int page = pages.allocate((int) count, PageTable.RUN, zeroed);
        lock.lock();
        use(count << PageTable.PAGE_LOG);
        lock.unlock();
        return (long) page << PageTable.PAGE_LOG;
    }

    private long allocateCell(int sizeClass) {
        int size = SizeClasses.size(sizeClass);
        lock.lock();
        try {
            int slab = slabsWithRoom[sizeClass];
            if (slab == 0) {
                slab = newSlab(sizeClass);
            }
            long start = (long) slab << PageTable.PAGE_LOG;
            int freed = table.freed(slab);
            long cell;
            if (freed != 0) {
                cell = start + ((freed - 1L) << 3);
                table.freed(slab, segment.get(SHORT, cell));
                if (poison) {
                    checkPoison(cell, size);
                }
            } else {
                int fresh = table.fresh(slab);
                table.fresh(slab, fresh + 1);
                cell = start + (long) fresh * size;
            }
            int used = table.used(slab) + 1;
            table.used(slab, used);
            if (used == SizeClasses.slabCells(sizeClass)) {
                unlink(slab, sizeClass);
            }
            use(size);
            return cell;
        } finally {
            lock.unlock();
        }
    }

    private int newSlab(int sizeClass) {
        int count = SizeClasses.slabPagesOf(sizeClass);
        int slab = pages.allocate(count, PageTable.SLAB, false);
        for (int i = 1; i < count; i++) {
            table.head(slab + i, slab);
        }
        table.sizeClass(slab, sizeClass);
        table.used(slab, 0);
        table.fresh(slab, 0);
        table.freed(slab, 0);
        link(slab, sizeClass);
        return slab;
    }

    private void link(int slab, int sizeClass) {
        int next = slabsWithRoom[sizeClass];
        table.next(slab, next);
        table.previous(slab, 0);
        if (next != 0) {
            table.previous(next, slab);
        }
        slabsWithRoom[sizeClass] = slab;
    }

    private void unlink(int slab, int sizeClass) {
        int next = table.next(slab);
        int previous = table.previous(slab);
        if (next != 0) {
            table.previous(next, previous);
        }
        if (previous != 0) {
            table.next(previous, next);
        } else {
            slabsWithRoom[sizeClass] = next;
        }
    }

    /** How many bytes may be stored at an allocated offset. */
    public long capacity(long offset) {
        int head = table.head((int) (offset >>> PageTable.PAGE_LOG));
        return table.kind(head) == PageTable.SLAB
                ? SizeClasses.size(table.sizeClass(head))
                : (long) table.pages(head) << PageTable.PAGE_LOG;
    }

    /** Frees what was allocated at the offset in this heap. */
    public void free(long offset) {
        int head = table.head((int) (offset >>> PageTable.PAGE_LOG));
        if (table.kind(head) == PageTable.SLAB) {
            freeCell(offset, head);
        } else {
            freeRun(offset, head);
        }
    }

    private void freeRun(long offset, int page) {
        long bytes = (long) table.pages(page) << PageTable.PAGE_LOG;
        if (poison) {
            segment.asSlice(offset, Math.min(bytes, 1 << 16)).fill(POISON);
        }
        lock.lock();
        use(-bytes);
        lock.unlock();
        pages.free(page);
    }

    private void freeCell(long offset, int slab) {
        int sizeClass = table.sizeClass(slab);
        int size = SizeClasses.size(sizeClass);
        boolean empty;
        if (poison) {
            segment.asSlice(offset, size).fill(POISON);
        }
        lock.lock();
        try {
            segment.set(SHORT, offset, (short) table.freed(slab));
            table.freed(slab, (int) (offset - ((long) slab << PageTable.PAGE_LOG) >>> 3) + 1);
            int used = table.used(slab);
            table.used(slab, used - 1);
            use(-size);
            if (used == SizeClasses.slabCells(sizeClass)) {
                link(slab, sizeClass);
            }
            empty = used == 1;
            if (empty) {
                unlink(slab, sizeClass);
            }
        } finally {
            lock.unlock();
        }
        if (empty) {
            pages.free(slab);
        }
    }

    /** A freed cell must still hold the poison: otherwise somebody wrote to it after it was freed. */
    private void checkPoison(long cell, int size) {
        long end = cell + size;
        for (long i = cell + LINK_BYTES; i < end; i++) {
            boolean whole = (i & 7) == 0 && end - i >= Long.BYTES;
            if (whole ? segment.get(LONG, i) != POISONED_LONG : segment.get(BYTE, i) != POISON) {
                throw new IllegalStateException(
                        "freed memory was written to at " + i + " in the cell " + cell + " of " + size);
            }
            i += whole ? Long.BYTES - 1 : 0;
        }
    }
}
