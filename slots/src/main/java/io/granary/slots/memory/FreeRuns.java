package io.granary.slots.memory;

/**
 * Free runs of pages, sorted into bins by length: one bin for each length below 64 pages, then four for each doubling.
 * A bin is a list through the page table, and a bit tells whether it holds anything, so that the best fit is found in a
 * few steps.
 */
final class FreeRuns {

    private static final int EXACT = 64;
    private static final int EXACT_LOG = 6;
    private static final int BINS = 192;
    private static final int LOOKED_AT_IN_A_BIN = 16;

    private final PageTable table;
    private final int[] first = new int[BINS];
    private final long[] occupied = new long[BINS / Long.SIZE];

    FreeRuns(PageTable table) {
        this.table = table;
    }

    private static int bin(int pages) {
        if (pages < EXACT) {
            return pages;
        }
        int log = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(pages);
        return EXACT + (log - EXACT_LOG) * 4 + (pages >>> log - 2 & 3);
    }

    void add(int page) {
        int bin = bin(table.pages(page));
        int next = first[bin];
        table.next(page, next);
        table.previous(page, 0);
        if (next != 0) {
            table.previous(next, page);
        }
        first[bin] = page;
        occupied[bin >> 6] |= 1L << bin;
    }

    void remove(int page) {
        int next = table.next(page);
        int previous = table.previous(page);
        if (next != 0) {
            table.previous(next, previous);
        }
        if (previous != 0) {
            table.next(previous, next);
        } else {
            int bin = bin(table.pages(page));
            first[bin] = next;
            if (next == 0) {
                occupied[bin >> 6] &= ~(1L << bin);
            }
        }
    }

    /** A run of at least {@code pages} pages, hardly longer than need be, or 0. */
    int find(int pages) {
        int bin = bin(pages);
        int run = first[bin];
        for (int i = 0; run != 0 && i < LOOKED_AT_IN_A_BIN; i++) {
            if (table.pages(run) >= pages) {
                return run;
            }
            run = table.next(run);
        }
        int larger = nextOccupied(bin + 1);
        return larger < 0 ? 0 : first[larger];
    }

    private int nextOccupied(int from) {
        for (int word = from >> 6; word < occupied.length; word++) {
            long bits = occupied[word] & (word == from >> 6 ? -1L << from : -1L);
            if (bits != 0) {
                return (word << 6) + Long.numberOfTrailingZeros(bits);
            }
        }
        return -1;
    }

    /** One of the longest runs, or 0. */
    int longest() {
        for (int word = occupied.length - 1; word >= 0; word--) {
            if (occupied[word] != 0) {
                return first[(word << 6) + Long.SIZE - 1 - Long.numberOfLeadingZeros(occupied[word])];
            }
        }
        return 0;
    }
}
