package io.granary.slots.memory;

/**
 * The sizes in which cells come: every multiple of 8 up to 256 bytes, then eight for each doubling up to 128 KiB. What
 * is larger comes in whole pages.
 *
 * <p>Class 0 is not used, so that a zero in the page table means nothing. Eight classes a doubling keep the waste under
 * 12.5 %, 6 % on average. A slab, the run of pages that holds the cells of one class, has as few pages as leave at most
 * 2 % of it unused.
 */
final class SizeClasses {

    /** The largest cell in bytes. */
    static final int LARGEST = 128 * 1024;

    private static final int LINEAR_LIMIT = 256;
    private static final int LINEAR_COUNT = LINEAR_LIMIT / 8;
    private static final int LINEAR_LOG = 8;
    private static final int MAX_SLAB_PAGES = 16;
    private static final int WASTE_DIVISOR = 50;

    static final int COUNT = LINEAR_COUNT + 8 * 9 + 1;

    private static final int[] SIZE = new int[COUNT];
    private static final int[] SLAB_PAGES = new int[COUNT];
    private static final int[] SLAB_CELLS = new int[COUNT];

    static {
        for (int i = 1; i < COUNT; i++) {
            int beyond = i - LINEAR_COUNT - 1;
            SIZE[i] = i <= LINEAR_COUNT ? i * 8 : (LINEAR_LIMIT << (beyond >> 3)) / 8 * (9 + (beyond & 7));
            SLAB_PAGES[i] = slabPages(SIZE[i]);
            SLAB_CELLS[i] = SLAB_PAGES[i] * PageTable.PAGE_BYTES / SIZE[i];
        }
    }

    private SizeClasses() {}

    private static int slabPages(int size) {
        int best = 0;
        double leastWaste = 1;
        for (int pages = 1; pages <= MAX_SLAB_PAGES; pages++) {
            int bytes = pages * PageTable.PAGE_BYTES;
            if (bytes < size) {
                continue;
            }
            int waste = bytes % size;
            if (waste * WASTE_DIVISOR <= bytes) {
                return pages;
            }
            if ((double) waste / bytes < leastWaste) {
                leastWaste = (double) waste / bytes;
                best = pages;
            }
        }
        return best;
    }

    /** The class of the smallest cells that hold {@code bytes}, 1 to {@link #LARGEST}. */
    static int of(int bytes) {
        if (bytes <= LINEAR_LIMIT) {
            return bytes + 7 >>> 3;
        }
        int log = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bytes - 1);
        int eighth = bytes - 1 >>> log - 3 & 7;
        return LINEAR_COUNT + 1 + (log - LINEAR_LOG) * 8 + eighth;
    }

    /** The size of a class's cells in bytes. */
    static int size(int sizeClass) {
        return SIZE[sizeClass];
    }

    static int slabPagesOf(int sizeClass) {
        return SLAB_PAGES[sizeClass];
    }

    static int slabCells(int sizeClass) {
        return SLAB_CELLS[sizeClass];
    }

    /** What an allocation of {@code bytes} really takes. */
    static long rounded(long bytes) {
        return bytes <= LARGEST ? SIZE[of((int) bytes)] : PageTable.pagesFor(bytes) * (long) PageTable.PAGE_BYTES;
    }
}
