package io.granary.slots.commands;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The longest common subsequence of two texts, and the same one of several that Redis finds.
 *
 * <p>The usual table: {@code L(i, j)}, the length for the first {@code i} bytes of one text and the first {@code j} of the
 * other, is {@code L(i-1, j-1) + 1} where the two bytes are the same, else the greater of {@code L(i-1, j)} and
 * {@code L(i, j-1)}. To find the sequence itself one walks back from the end, and all that this asks of a cell whose bytes
 * differ is which of its two neighbours was the greater. So two things are kept: one line of lengths, along the shorter
 * text, and one bit a cell, a thirty-second of the table that Redis makes.
 *
 * <p>Source for the walk, whose choice decides between sequences of the same length: lcsCommand in Redis's t_string.c.
 */
final class CommonSubsequence {

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** A text in native memory. */
    record Text(MemorySegment memory, long offset, long length) {

        byte at(long i) {
            return memory.get(BYTE, offset + i);
        }
    }

    /** A run of bytes that the texts share, and where it begins in each. */
    record Range(long inFirst, long inSecond, long length) {}

    private final Text first;
    private final Text second;
    private final boolean firstIsShorter;
    private final MemorySegment choices;
    private final int length;

    /** {@code arena} gives the memory for the table, which is needed as long as this object. */
    CommonSubsequence(Text first, Text second, Arena arena) {
        this.first = first;
        this.second = second;
        firstIsShorter = first.length() < second.length();
        choices = arena.allocate((first.length() * second.length() + 7) / 8 + 1);
        length = fill();
    }

    private int fill() {
        Text shorter = firstIsShorter ? first : second;
        Text longer = firstIsShorter ? second : first;
        int width = (int) shorter.length();
        int[] line = new int[width + 1];
        long cell = 0;
        for (long i = 0; i < longer.length() && width > 0; i++) {
            byte b = longer.at(i);
            int diagonal = 0;
            for (int j = 1; j <= width; j++, cell++) {
                int above = line[j];
                int left = line[j - 1];
                if (shorter.at(j - 1) == b) {
                    line[j] = diagonal + 1;
                } else {
                    line[j] = Math.max(above, left);
                    // Above is one byte less of the longer text, left one less of the shorter.
                    if (firstIsShorter ? left > above : above > left) {
                        choose(cell);
                    }
                }
                diagonal = above;
            }
        }
        return line[width];
    }

    private void choose(long cell) {
        choices.set(BYTE, cell >> 3, (byte) (choices.get(BYTE, cell >> 3) | 1 << (cell & 7)));
    }

    /** Whether one byte less of the first text is better than one less of the second, {@code i} and {@code j} being left. */
    private boolean dropsFirst(long i, long j) {
        long cell = firstIsShorter ? (j - 1) * first.length() + i - 1 : (i - 1) * second.length() + j - 1;
        return (choices.get(BYTE, cell >> 3) >> (cell & 7) & 1) != 0;
    }

    int length() {
        return length;
    }

    /** The sequence itself. */
    byte[] bytes() {
        byte[] bytes = new byte[length];
        int left = length;
        for (Range range : ranges()) {
            for (long i = range.length - 1; i >= 0; i--) {
                left--;
                bytes[left] = first.at(range.inFirst + i);
            }
        }
        return bytes;
    }

    /** The runs that the sequence consists of, the last one first. */
    List<Range> ranges() {
        List<Range> ranges = new ArrayList<>();
        long i = first.length();
        long j = second.length();
        while (i > 0 && j > 0) {
            long run = 0;
            while (i > 0 && j > 0 && first.at(i - 1) == second.at(j - 1)) {
                i--;
                j--;
                run++;
            }
            if (run > 0) {
                ranges.add(new Range(i, j, run));
            } else if (dropsFirst(i, j)) {
                i--;
            } else {
                j--;
            }
        }
        return ranges;
    }
}
