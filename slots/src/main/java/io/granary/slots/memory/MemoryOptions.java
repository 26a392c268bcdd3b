package io.granary.slots.memory;

/**
 * How a region behaves.
 *
 * @param hugePages whether the system is asked to back it with huge pages (Linux only)
 * @param poison whether freed memory is overwritten, so that a use after free is seen; for tests
 */
public record MemoryOptions(boolean hugePages, boolean poison) {

    public static final MemoryOptions DEFAULT = new MemoryOptions(true, false);
    public static final MemoryOptions TEST = new MemoryOptions(false, true);
}
