package io.granary.slots.memory;

/**
 * Hands out runs of pages of the region, and gives the memory of free ones back to the system.
 *
 * <p>A free run is either dirty (the system still backs its pages) or clean (it does not: all zeros). Free neighbours
 * of the same sort are joined at once. Dirty runs are used again first, which costs no page faults. What is dirty beyond
 * {@link #KEPT_PAGES} is given back by and by when {@link #trim} is called; beyond {@link #TOLERATED_PAGES} each release
 * does so itself, a bounded part at a time. The longest runs go first: a release in random order needs many times fewer
 * system calls if the runs are given time to join. The call is made without the lock, with the pages taken out of the
 * free ones for that time.
 */
final class PageAllocator {

    /** How much unused memory is kept from the system so that it can be used again without page faults. */
    private static final int KEPT_PAGES = (4 << 20) / PageTable.PAGE_BYTES;

    private static final int TOLERATED_PAGES = (16 << 20) / PageTable.PAGE_BYTES;
    private static final int TRIM_PAGES = (1 << 20) / PageTable.PAGE_BYTES;

    private final NativeMemory memory;
    private final PageTable table;
    private final int firstPage;
    private final int endPage;
    private final FreeRuns clean;
    private final FreeRuns dirty;
    private final SpinLock lock = new SpinLock();

    /** Pages from here on were never used; their entries in the table are not valid. */
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

    /**
     * A run of pages for a use, {@link PageTable#SLAB} or {@link PageTable#RUN}.
     *
     * @param zeroed whether they must hold nothing but zeros
     */
    int allocate(int pages, byte use, boolean zeroed) {
        int page;
        do {
            lock.lock();
            try {
                page = find(pages, zeroed);
                if (page != 0) {
                    mark(page, pages, use);
                    usedPages += pages;
                    return page;
                }
            } finally {
                lock.unlock();
            }
            // Dirty runs become clean, join their neighbours, and may then be long enough.
        } while (trim());
        throw new MemoryExhaustedException((long) pages * PageTable.PAGE_BYTES);
    }

    private int find(int pages, boolean zeroed) {
        int page = zeroed ? 0 : take(dirty.find(pages), pages);
        if (page == 0) {
            page = take(clean.find(pages), pages);
        }
        if (page == 0 && endPage - frontier >= pages) {
            page = frontier;
            frontier += pages;
        }
        return page;
    }

    /** Takes the first pages of a free run. */
    private int take(int page, int pages) {
        if (page != 0) {
            int length = table.pages(page);
            byte kind = table.kind(page);
            remove(page);
            if (length > pages) {
                add(page + pages, length - pages, kind);
            }
        }
        return page;
    }

    private FreeRuns runs(byte kind) {
        return kind == PageTable.DIRTY ? dirty : clean;
    }

    private void add(int page, int pages, byte kind) {
        mark(page, pages, kind);
        table.head(page + pages - 1, page);
        runs(kind).add(page);
        dirtyPages += kind == PageTable.DIRTY ? pages : 0;
    }

    private void remove(int page) {
        byte kind = table.kind(page);
        runs(kind).remove(page);
        dirtyPages -= kind == PageTable.DIRTY ? table.pages(page) : 0;
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
            join(page, pages, PageTable.DIRTY);
        } finally {
            lock.unlock();
        }
        if (dirtyPages > TOLERATED_PAGES) {
            trim();
        }
    }

    /** Adds a free run together with its free neighbours of the same kind. */
    private void join(int page, int pages, byte kind) {
        int from = page;
        int length = pages;
        if (page > firstPage && table.kind(page - 1) == kind) {
            from = table.head(page - 1);
            length += table.pages(from);
            remove(from);
        }
        int behind = page + pages;
        if (behind < frontier && table.kind(behind) == kind) {
            length += table.pages(behind);
            remove(behind);
        }
        add(from, length, kind);
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
            pages = Math.min(table.pages(page), TRIM_PAGES);
            take(page, pages);
            mark(page, pages, PageTable.RUN);
        } finally {
            lock.unlock();
        }
        memory.decommit((long) page << PageTable.PAGE_LOG, (long) pages << PageTable.PAGE_LOG);
        lock.lock();
        try {
            join(page, pages, PageTable.CLEAN);
        } finally {
            lock.unlock();
        }
        return true;
    }

    /** Whether more unused memory is kept from the system than is worth it. */
    boolean keepsTooMuch() {
        return dirtyPages > KEPT_PAGES;
    }

    /** Bytes of pages in use, full or not. */
    long usedBytes() {
        return usedPages << PageTable.PAGE_LOG;
    }

    /** Bytes of free pages that the system still backs. */
    long dirtyBytes() {
        return dirtyPages << PageTable.PAGE_LOG;
    }
}
