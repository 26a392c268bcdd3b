package io.granary.slots.memory;

/** The reserved region has no room left: far more was stored than the machine has memory. */
public final class MemoryExhaustedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MemoryExhaustedException(long bytes) {
        super("no room for " + bytes + " bytes in the reserved memory");
    }
}
