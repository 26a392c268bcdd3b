package io.granary.slots.memory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/** The system calls for virtual memory, with the constants of Linux and macOS. */
final class SystemMemory {

    private static final long PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS_LINUX = 0x20;
    private static final int MAP_NORESERVE_LINUX = 0x4000;
    private static final int MAP_ANONYMOUS_MACOS = 0x1000;
    private static final int MAP_NORESERVE_MACOS = 0x40;
    private static final long MADV_DONTNEED_LINUX = 4;
    private static final long MADV_HUGEPAGE_LINUX = 14;
    private static final long MAP_FAILED = -1;

    private final boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
    private final int mapFlags = MAP_PRIVATE
            | (linux ? MAP_ANONYMOUS_LINUX | MAP_NORESERVE_LINUX : MAP_ANONYMOUS_MACOS | MAP_NORESERVE_MACOS);
    private final MethodHandle mmap;
    private final MethodHandle munmap;
    private final MethodHandle madvise;

    SystemMemory() {
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
        ValueLayout.OfInt integer = ValueLayout.JAVA_INT;
        // One shape for all (and for those of ThreadPriority): the JVM generates code for each shape anew at every start,
        // 0.1 s of a core. Calls with shorter or fewer arguments find them in the same registers and do not look at the
        // rest.
        FunctionDescriptor shape = FunctionDescriptor.of(word, word, word, word, integer, integer, word);
        mmap = link("mmap", shape);
        munmap = link("munmap", shape);
        madvise = link("madvise", shape);
    }

    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        MemorySegment symbol = linker.defaultLookup().find(name)
                .orElseThrow(() -> new IllegalStateException("the system has no function " + name));
        return linker.downcallHandle(symbol, descriptor);
    }

    /** Reserves memory that reads as zeros and costs nothing until it is touched; returns its address, or 0 if refused. */
    long reserve(long bytes) {
        try {
            long address = (long) mmap.invokeExact(0L, bytes, PROT_READ_WRITE, mapFlags, -1, 0L);
            return address == MAP_FAILED ? 0 : address;
        } catch (Throwable e) {
            throw new IllegalStateException("mmap failed", e);
        }
    }

    void release(long address, long bytes) {
        try {
            check((int) (long) munmap.invokeExact(address, bytes, 0L, 0, 0, 0L), "munmap");
        } catch (Throwable e) {
            throw new IllegalStateException("munmap failed", e);
        }
    }

    /** Gives the pages back to the system; they read as zeros from then on. Readers that race with it never fault. */
    void decommit(long address, long bytes) {
        try {
            if (linux) {
                check((int) (long) madvise.invokeExact(address, bytes, MADV_DONTNEED_LINUX, 0, 0, 0L), "madvise");
            } else {
                // The advices of macOS do not promise zeros; a fresh mapping in the same place does.
                long mapped = (long) mmap.invokeExact(address, bytes, PROT_READ_WRITE, mapFlags | MAP_FIXED, -1, 0L);
                check(mapped == address ? 0 : -1, "mmap");
            }
        } catch (Throwable e) {
            throw new IllegalStateException("memory could not be given back", e);
        }
    }

    /** Asks for huge pages; a system without them serves small ones. */
    void preferHugePages(long address, long bytes) {
        if (linux) {
            try {
                int ignored = (int) (long) madvise.invokeExact(address, bytes, MADV_HUGEPAGE_LINUX, 0, 0, 0L);
            } catch (Throwable e) {
                throw new IllegalStateException("madvise failed", e);
            }
        }
    }

    private static void check(int result, String call) {
        if (result != 0) {
            throw new IllegalStateException(call + " was refused");
        }
    }
}
