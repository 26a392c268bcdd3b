package io.granary.slots.command;

/**
 * One key specification: where a command's keys begin, how to go on from there, and what is done with them. Positions count
 * the command's name as argument 0. Source: the key specifications of Redis's documentation.
 *
 * @param flags bits of {@link KeyFlag}
 * @param notes a remark on the flags; null if there is none
 */
public record KeySpec(int flags, String notes, Begin begin, Find find) {

    /** Where the keys begin. */
    public sealed interface Begin permits Index, Keyword, UnknownBegin {
    }

    /** At a fixed argument. */
    public record Index(int position) implements Begin {
    }

    /** Behind a word that is searched from an argument on; a negative start counts, and searches, from the end backwards. */
    public record Keyword(String keyword, int startFrom) implements Begin {
    }

    /** Somewhere. */
    public record UnknownBegin() implements Begin {
    }

    /** How to find the keys from the first on. */
    public sealed interface Find permits Range, KeyCount, UnknownFind {
    }

    /**
     * Every {@code step}th argument.
     *
     * @param last the last key, counted from the first; if negative, from the end of the arguments (-1 is the last)
     * @param limit with a {@code last} of -1: how many parts the rest is divided into, the first being keys; 0 or 1 for all
     */
    public record Range(int last, int step, int limit) implements Find {
    }

    /** As many as argument {@code countAt} says; both it and {@code first} are counted from where the keys begin. */
    public record KeyCount(int countAt, int first, int step) implements Find {
    }

    /** Nobody can say from here. */
    public record UnknownFind() implements Find {
    }

    /** Keys that cannot be found by a specification. */
    public static KeySpec unknown(String notes, KeyFlag... flags) {
        return new KeySpec(KeyFlag.bits(flags), notes, new UnknownBegin(), new UnknownFind());
    }

    /** Arguments from {@code position} on to {@code last}, as in {@link Range}. */
    public static KeySpec range(int position, int last, int step, KeyFlag... flags) {
        return new KeySpec(KeyFlag.bits(flags), null, new Index(position), new Range(last, step, 0));
    }

    /** Arguments behind a word. */
    public static KeySpec behind(String keyword, int startFrom, int last, KeyFlag... flags) {
        return new KeySpec(KeyFlag.bits(flags), null, new Keyword(keyword, startFrom), new Range(last, 1, 0));
    }

    KeySpec withNotes(String newNotes) {
        return new KeySpec(flags, newNotes, begin, find);
    }

    boolean has(KeyFlag flag) {
        return (flags & flag.bit()) != 0;
    }

    /** Whether the specification is a plain range at a fixed place. */
    boolean plain() {
        return begin instanceof Index && find instanceof Range;
    }
}
