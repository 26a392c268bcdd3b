package io.granary.slots.memory;

import java.lang.foreign.MemorySegment;

/**
 * The one region of virtual memory in which a node keeps all its data: reserved at the start, backed by the system page
 * by page as it is touched, and given up whole at the end.
 *
 * <p>Because no part of it is ever unmapped while the node lives, a reader that races with a writer may see stale
 * bytes, but never faults; this is what lets table lines and records be touched ahead of time without a lock. All
 * accesses go through {@link #segment()} and are checked against its bounds.
 *
 * <p>Places in it are offsets from its beginning. Where many are stored they are kept as references: unsigned 32-bit
 * numbers in units of {@code 1 << referenceShift} bytes, 8 bytes up to 32 GiB and 16 or more beyond (as compressed
 * pointers of the JVM). The beginning of the region holds the page table, so 0 is never the place of anything.
 */
public final class NativeMemory implements AutoCloseable {

    private static final long HUGE_PAGE = 2 << 20;
    private static final long LEAST_BYTES = 16 << 20;
    private static final int LEAST_SHIFT = 3;
    private static final int GREATEST_SHIFT = 6;

    private final SystemMemory system;
    private final MemoryOptions options;
    private final long mappedAddress;
    private final long mappedBytes;
    private final MemorySegment segment;
    private final int referenceShift;
    private final PageTable table;
    private final PageAllocator pages;
    private boolean closed;

    private NativeMemory(SystemMemory system, long mappedAddress, long mappedBytes, long bytes, MemoryOptions options) {
        this.system = system;
        this.options = options;
        this.mappedAddress = mappedAddress;
        this.mappedBytes = mappedBytes;
        long base = mappedAddress + HUGE_PAGE - 1 & -HUGE_PAGE;
        this.segment = MemorySegment.ofAddress(base).reinterpret(bytes);
        this.referenceShift = shiftFor(bytes);
        this.table = new PageTable(segment);
        long tableBytes = (bytes >>> PageTable.PAGE_LOG << PageTable.ENTRY_LOG) + HUGE_PAGE - 1 & -HUGE_PAGE;
        this.pages = new PageAllocator(
                this, table, (int) (tableBytes >>> PageTable.PAGE_LOG), (int) (bytes >>> PageTable.PAGE_LOG));
        if (options.hugePages()) {
            system.preferHugePages(base + tableBytes, bytes - tableBytes);
        }
    }

    /**
     * Reserves a region of {@code bytes}, or the half, the quarter and so on if the system refuses. Twice the physical
     * memory leaves room for fragmentation; a region of at most 32 GiB has the smallest cells.
     */
    public static NativeMemory reserve(long bytes, MemoryOptions options) {
        SystemMemory system = new SystemMemory();
        long limit = 1L << Integer.SIZE + GREATEST_SHIFT;
        long size = Math.clamp(bytes, LEAST_BYTES, limit) & -HUGE_PAGE;
        while (size >= LEAST_BYTES) {
            long mapped = size + HUGE_PAGE;
            long address = system.reserve(mapped);
            if (address != 0) {
                return new NativeMemory(system, address, mapped, size, options);
            }
            size = size / 2 & -HUGE_PAGE;
        }
        throw new IllegalStateException("the system refuses to reserve memory");
    }

    private static int shiftFor(long bytes) {
        int shift = LEAST_SHIFT;
        while (bytes > 1L << Integer.SIZE + shift) {
            shift++;
        }
        return shift;
    }

    /** The region. All keys, values and tables lie in it. */
    public MemorySegment segment() {
        return segment;
    }

    /** The size of the region in bytes. */
    public long size() {
        return segment.byteSize();
    }

    /** The binary logarithm of the unit that references count in. */
    public int referenceShift() {
        return referenceShift;
    }

    boolean poison() {
        return options.poison();
    }

    PageTable table() {
        return table;
    }

    PageAllocator pages() {
        return pages;
    }

    /** Makes a part of an allocation zeros, giving what whole pages it covers back to the system. */
    public void decommit(long offset, long bytes) {
        system.decommit(segment.address() + offset, bytes);
    }

    /** Gives a bounded part of unused memory back to the system; returns whether there is more than is worth keeping. */
    public boolean trim() {
        return pages.keepsTooMuch() && pages.trim() && pages.keepsTooMuch();
    }

    /**
     * Bytes of pages that hold something, however little. With the sum of {@link Heap#usedBytes} it tells the
     * fragmentation.
     */
    public long pageBytes() {
        return pages.usedBytes();
    }

    /** Bytes of free pages kept to be used again soon. */
    public long retainedBytes() {
        return pages.dirtyBytes();
    }

    /** Gives the whole region up. No thread may use it any more: an access would stop the process. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            system.release(mappedAddress, mappedBytes);
        }
    }
}
