package io.granary.gossip.simulation;

import java.util.stream.LongStream;

/** The seeds of a simulation: those that {@code -Dgranary.simulation.seed} asks for, as {@code 7} or {@code 1-60}. */
final class Seeds {

    private static final String ASKED_FOR = "granary.simulation.seed";

    private Seeds() {}

    /** The first ones, where none are asked for. */
    static LongStream first(int count) {
        String[] ends = System.getProperty(ASKED_FOR, "1-" + count).split("-");
        return LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1]));
    }

    /** The first ones, and those that once found something, where none are asked for. */
    static LongStream firstAnd(int count, long... findings) {
        return LongStream.concat(
                first(count), System.getProperty(ASKED_FOR) == null ? LongStream.of(findings) : LongStream.empty());
    }
}
