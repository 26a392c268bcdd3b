package io.granary.slots.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What is known of each page of the region: an entry of 32 bytes a page, at the beginning of the region itself, so that the
 * entries of pages never used cost nothing.
 *
 * <p>Pages come in runs. The entry of a run's first page describes it; the entries of the other pages of a slab point to
 * the first, since a cell may begin in any of them. The last page of every run carries its kind, and that of a free run also
 * where it begins, so that a neighbour that becomes free finds it.
 */
final class PageTable {

    static final int PAGE_LOG = 14;
    static final int PAGE_BYTES = 1 << PAGE_LOG;

    static final int ENTRY_LOG = 5;

    /** Free, and all zeros without any memory behind it. */
    static final byte CLEAN = 0;

    /** Free, but still backed by the system. */
    static final byte DIRTY = 1;

    /** In use for cells of one class. */
    static final byte SLAB = 2;

    /** In use as a whole. */
    static final byte RUN = 3;

    private static final int HEAD = 0;
    private static final int PAGES = 4;
    private static final int KIND = 8;
    private static final int SIZE_CLASS = 9;
    private static final int USED = 12;
    private static final int FRESH = 14;
    private static final int FREED = 16;
    private static final int NEXT = 20;
    private static final int PREVIOUS = 24;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private final MemorySegment memory;

    PageTable(MemorySegment memory) {
        this.memory = memory;
    }

    static long pagesFor(long bytes) {
        return bytes + PAGE_BYTES - 1 >>> PAGE_LOG;
    }

    private int get(int page, int field) {
        return memory.get(INT, ((long) page << ENTRY_LOG) + field);
    }

    private void set(int page, int field, int value) {
        memory.set(INT, ((long) page << ENTRY_LOG) + field, value);
    }

    private int getShort(int page, int field) {
        return memory.get(SHORT, ((long) page << ENTRY_LOG) + field);
    }

    private void setShort(int page, int field, int value) {
        memory.set(SHORT, ((long) page << ENTRY_LOG) + field, (short) value);
    }

    /** The first page of the run that the page belongs to. */
    int head(int page) {
        return get(page, HEAD);
    }

    void head(int page, int head) {
        set(page, HEAD, head);
    }

    /** The length of the run that begins here. */
    int pages(int page) {
        return get(page, PAGES);
    }

    void pages(int page, int pages) {
        set(page, PAGES, pages);
    }

    /** What the run is: of its first and its last page. */
    byte kind(int page) {
        return memory.get(BYTE, ((long) page << ENTRY_LOG) + KIND);
    }

    void kind(int page, byte kind) {
        memory.set(BYTE, ((long) page << ENTRY_LOG) + KIND, kind);
    }

    int sizeClass(int page) {
        return memory.get(BYTE, ((long) page << ENTRY_LOG) + SIZE_CLASS);
    }

    void sizeClass(int page, int sizeClass) {
        memory.set(BYTE, ((long) page << ENTRY_LOG) + SIZE_CLASS, (byte) sizeClass);
    }

    /** Cells of a slab in use. */
    int used(int page) {
        return getShort(page, USED);
    }

    void used(int page, int cells) {
        setShort(page, USED, cells);
    }

    /** Cells of a slab that were handed out at least once: those behind have never been touched. */
    int fresh(int page) {
        return getShort(page, FRESH);
    }

    void fresh(int page, int cells) {
        setShort(page, FRESH, cells);
    }

    /**
     * The first cell of a slab's free list: its distance from the slab's beginning in units of 8 bytes, plus 1; 0 for
     * none.
     */
    int freed(int page) {
        return getShort(page, FREED);
    }

    void freed(int page, int cell) {
        setShort(page, FREED, cell);
    }

    /** The next run in whatever list this one is in; 0 for none. */
    int next(int page) {
        return get(page, NEXT);
    }

    void next(int page, int next) {
        set(page, NEXT, next);
    }

    int previous(int page) {
        return get(page, PREVIOUS);
    }

    void previous(int page, int previous) {
        set(page, PREVIOUS, previous);
    }
}
