package io.granary.slots.command;

import io.granary.resp.Request;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Finds commands by name, in any case, from the bytes of a request without making a String.
 *
 * <p>A name is folded to upper case eight bytes at a time. Its first eight bytes and its last eight (which overlap if it is
 * shorter than sixteen, and are left out if it has at most eight) make the hash, and with the length they decide for nearly
 * all names that two are equal; only longer ones are compared in the middle. The table is a quarter full at most, so that
 * nearly every look-up is one probe.
 */
final class NameIndex<C> {

    private static final ValueLayout.OfLong EIGHT_BYTES = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x80 * ONES;

    private final int shift;
    private final long[] heads;
    private final long[] tails;
    private final byte[][] names;
    private final Command<C>[] commands;

    NameIndex(List<String> words, List<Command<C>> rows) {
        int capacity = Integer.highestOneBit(Math.max(2, words.size() * 4 - 1)) * 2;
        shift = Long.SIZE - Integer.numberOfTrailingZeros(capacity);
        heads = new long[capacity];
        tails = new long[capacity];
        names = new byte[capacity][];
        commands = table(capacity);
        for (int i = 0; i < rows.size(); i++) {
            add(words.get(i).getBytes(StandardCharsets.ISO_8859_1), rows.get(i));
        }
    }

    @SuppressWarnings("unchecked")
    private static <C> Command<C>[] table(int capacity) {
        return (Command<C>[]) new Command<?>[capacity];
    }

    private void add(byte[] name, Command<C> command) {
        byte[] folded = new byte[name.length];
        for (int i = 0; i < name.length; i++) {
            folded[i] = (byte) fold(name[i] & 0xff);
        }
        MemorySegment segment = MemorySegment.ofArray(folded);
        long head = head(segment, 0, folded.length);
        long tail = tail(segment, 0, folded.length);
        int at = slot(head, tail);
        while (commands[at] != null) {
            at = (at + 1) & (commands.length - 1);
        }
        heads[at] = head;
        tails[at] = tail;
        names[at] = folded;
        commands[at] = command;
    }

    /** The command that argument {@code i} names; null if there is none. */
    Command<C> find(Request request, int i) {
        int length = request.length(i);
        MemorySegment bytes = request.bytes();
        long offset = request.offset(i);
        long head = head(bytes, offset, length);
        long tail = tail(bytes, offset, length);
        int at = slot(head, tail);
        while (commands[at] != null) {
            if (heads[at] == head && tails[at] == tail && same(names[at], bytes, offset, length)) {
                return commands[at];
            }
            at = (at + 1) & (commands.length - 1);
        }
        return null;
    }

    /** The command of this name; null if there is none. */
    Command<C> find(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        Request request = new Request();
        request.begin(MemorySegment.ofArray(bytes));
        request.add(0, bytes.length);
        return find(request, 0);
    }

    private int slot(long head, long tail) {
        return (int) ((head ^ Long.rotateLeft(tail, 29)) * 0x9E3779B97F4A7C15L >>> shift);
    }

    /** Whether what head and tail do not tell is the same too: the length, and the bytes between them. */
    private static boolean same(byte[] name, MemorySegment bytes, long offset, int length) {
        if (name.length != length) {
            return false;
        }
        for (int i = Long.BYTES; i < length - Long.BYTES; i++) {
            if (name[i] != (byte) fold(bytes.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff)) {
                return false;
            }
        }
        return true;
    }

    private static long head(MemorySegment bytes, long offset, int length) {
        if (length >= Long.BYTES) {
            return fold(bytes.get(EIGHT_BYTES, offset));
        }
        if (length > 0 && offset + Long.BYTES <= bytes.byteSize()) {
            return fold(bytes.get(EIGHT_BYTES, offset) & -1L >>> Long.SIZE - Byte.SIZE * length);
        }
        long word = 0;
        for (int i = 0; i < length; i++) {
            word |= (bytes.get(ValueLayout.JAVA_BYTE, offset + i) & 0xffL) << Byte.SIZE * i;
        }
        return fold(word);
    }

    private static long tail(MemorySegment bytes, long offset, int length) {
        return length <= Long.BYTES ? 0 : fold(bytes.get(EIGHT_BYTES, offset + length - Long.BYTES));
    }

    /**
     * Eight bytes in upper case. The low seven bits of each byte plus a constant carry into the eighth bit if they are at
     * least {@code 'a'}, or more than {@code 'z'}; where only the first holds, and the byte is ASCII, 0x20 is taken away.
     */
    private static long fold(long word) {
        long low = word & ~HIGH_BITS;
        long fromA = low + (0x80 - 'a') * ONES;
        long aboveZ = low + (0x80 - 'z' - 1) * ONES;
        long lowerCase = fromA & ~aboveZ & ~word & HIGH_BITS;
        return word ^ lowerCase >>> 2;
    }

    private static int fold(int b) {
        return b >= 'a' && b <= 'z' ? b - ('a' - 'A') : b;
    }
}
