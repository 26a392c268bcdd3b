package io.granary.slots.memory;

/**
 * Hands out runs of pages of the region, and gives the memory of free ones back to the system.
 *
 * <p>Free neighbours are joined at once. Free runs are kept apart by whether the system may still back some of their pages
 * (dirty) or not (clean, all zeros). Dirty ones are used again first, which costs no page faults; when more than
 * {@link #DIRTY_LIMIT_PAGES} are dirty, each release gives a bounded part of them back. The system call is made without the lock,
 * with the run taken out of the free ones for that time.
 */
final class PageAllocator {

    /** How much unused memory is kept from the system so that it can be used again without page faults. */
    static final int DIRTY_LIMIT_PAGES = (4 << 20) / PageTable.PAGE_BYTES;

    private static final int TRIM_PAGES = (1 << 20) / PageTable.PAGE_BYTES;

    private final NativeMemory memory;
    private final PageTable table;
    private final int firstPage;
    private final int endPage;
    private final FreeRuns clean;
    private final FreeRuns dirty;
    private final SpinLock lock = new SpinLock();
    private int frontier;
    private long dirtyPages;
    private long usedPages;

    PageAllocator(NativeMemory memory, PageTable table, int firstPage, int endPage) {
        this.memory = memory;
        this.table = table;
        this.firstPage = firstPage;
        this.endPage = endPage;
        this.frontier = firstPage;
        this.clean = new FreeRuns(table);
        this.dirty = new FreeRuns(table);
    }

    /** A run of pages of the kind given; {@code zeroed} ones hold zeros only. */
    int allocate(int pages, byte kind, boolean zeroed) {
        boolean mustDecommit = false;
        int page;
        lock.lock();
        try {
            page = zeroed ? clean.find(pages) : dirty.find(pages);
            if (page == 0 && !zeroed) {
                page = clean.find(pages);
            }
            if (page == 0 && endPage - frontier >= pages) {
                page = frontier;
                frontier += pages;
            } else {
                if (page == 0) {
                    page = dirty.find(pages);
                    if (page == 0) {
                        throw new MemoryExhaustedException((long) pages * PageTable.PAGE_BYTES);
                    }
                }
                mustDecommit = zeroed && table.dirty(page) > 0;
                take(page, pages);
            }
            mark(page, pages, kind);
            usedPages += pages;
        } finally {
            lock.unlock();
        }
        if (mustDecommit) {
            memory.decommit((long) page << PageTable.PAGE_LOG, (long) pages << PageTable.PAGE_LOG);
        }
        return page;
    }

    /** Takes the first pages of a free run; which of its pages are dirty is not known, so the rest counts as dirty as it can be. */
    private void take(int page, int pages) {
        int length = table.pages(page);
        int dirtyBefore = table.dirty(page);
        runs(dirtyBefore).remove(page);
        dirtyPages -= dirtyBefore;
        if (length > pages) {
            addFree(page + pages, length - pages, Math.min(dirtyBefore, length - pages));
        }
    }

    private FreeRuns runs(int dirtyCount) {
        return dirtyCount > 0 ? dirty : clean;
    }

    private void addFree(int page, int pages, int dirtyCount) {
        mark(page, pages, PageTable.FREE);
        table.head(page + pages - 1, page);
        table.dirty(page, dirtyCount);
        dirtyPages += dirtyCount;
        runs(dirtyCount).add(page);
    }

    private void mark(int page, int pages, byte kind) {
        table.head(page, page);
        table.pages(page, pages);
        table.kind(page, kind);
        table.kind(page + pages - 1, kind);
    }

    void free(int page) {
        lock.lock();
        try {
            int pages = table.pages(page);
            usedPages -= pages;
            join(page, pages, pages);
        } finally {
            lock.unlock();
        }
        if (dirtyPages > DIRTY_LIMIT_PAGES) {
            trim();
        }
    }

    /** Adds a free run together with its free neighbours. */
    private void join(int page, int pages, int dirtyCount) {
        int from = page;
        int length = pages;
        int dirtySum = dirtyCount;
        if (page > firstPage && table.kind(page - 1) == PageTable.FREE) {
            from = table.head(page - 1);
            length += table.pages(from);
            dirtySum += unlist(from);
        }
        int behind = page + pages;
        if (behind < frontier && table.kind(behind) == PageTable.FREE) {
            length += table.pages(behind);
            dirtySum += unlist(behind);
        }
        addFree(from, length, dirtySum);
    }

    private int unlist(int page) {
        int dirtyCount = table.dirty(page);
        runs(dirtyCount).remove(page);
        dirtyPages -= dirtyCount;
        return dirtyCount;
    }

    /** Gives up to a mebibyte of unused memory back to the system; returns whether there was any. */
    boolean trim() {
        int page;
        int pages;
        lock.lock();
        try {
            page = dirty.longest();
            if (page == 0) {
                return false;
            }
            pages = table.dirty(page) <= TRIM_PAGES ? table.pages(page) : TRIM_PAGES;
            take(page, pages);
            mark(page, pages, PageTable.RUN);
        } finally {
            lock.unlock();
        }
        memory.decommit((long) page << PageTable.PAGE_LOG, (long) pages << PageTable.PAGE_LOG);
        lock.lock();
        try {
            join(page, pages, 0);
        } finally {
            lock.unlock();
        }
        return true;
    }

    boolean overDirtyLimit() {
        return dirtyPages > DIRTY_LIMIT_PAGES;
    }

    /** Bytes of pages in use, full or not. */
    long usedBytes() {
        return usedPages << PageTable.PAGE_LOG;
    }

    /** Bytes of free pages that the system may still back. */
    long dirtyBytes() {
        return dirtyPages << PageTable.PAGE_LOG;
    }
}
