package io.granary.resp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Splits one inline request into its arguments as a shell would. What is unquoted is written to other memory, as long
 * as the line, because the line itself may have to be read again.
 *
 * <p>Blanks separate. Within double quotes {@code \n \r \t \b \a \xHH} mean what they do in C and any other escaped
 * character itself; within single quotes only {@code \'} is special. A closing quote ends its argument, so a blank must
 * follow; an opening one may stand within an argument. A zero byte ends the line.
 *
 * <p>Source: {@code sdssplitargs} of Redis.
 */
final class InlineSplitter {

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment in;
    private final int end;
    private final MemorySegment target;
    private int read;
    private int written;

    /**
     * Splits the bytes from {@code from} up to {@code end}, the line's end not included.
     *
     * @param target takes the arguments from its first byte on, and has room for as many bytes
     */
    InlineSplitter(MemorySegment in, int from, int end, MemorySegment target) {
        this.in = in;
        this.end = end;
        this.target = target;
        this.read = from;
    }

    /** Makes {@code out} the request; false if the quotes are not balanced. */
    boolean split(Request out) {
        out.begin(target);
        while (true) {
            while (isSpace(peek(0))) {
                read++;
            }
            if (peek(0) == 0) {
                return true;
            }
            int start = written;
            if (!argument()) {
                return false;
            }
            out.add(start, written - start);
        }
    }

    private boolean argument() {
        while (true) {
            int b = peek(0);
            switch (b) {
                case 0, ' ', '\n', '\r', '\t' -> {
                    return true;
                }
                case '"' -> {
                    read++;
                    return doubleQuoted() && closed();
                }
                case '\'' -> {
                    read++;
                    return singleQuoted() && closed();
                }
                default -> take(b, 1);
            }
        }
    }

    /** Reads up to the closing quote; false if there is none. */
    private boolean doubleQuoted() {
        while (true) {
            int b = peek(0);
            if (b == 0) {
                return false;
            }
            if (b == '"') {
                return true;
            }
            if (b != '\\' || peek(1) == 0) {
                take(b, 1);
            } else if (peek(1) == 'x' && hex(peek(2)) >= 0 && hex(peek(3)) >= 0) {
                take(hex(peek(2)) << 4 | hex(peek(3)), 4);
            } else {
                take(unescaped(peek(1)), 2);
            }
        }
    }

    private boolean singleQuoted() {
        while (true) {
            int b = peek(0);
            if (b == 0) {
                return false;
            }
            if (b == '\'') {
                return true;
            }
            if (b == '\\' && peek(1) == '\'') {
                take('\'', 2);
            } else {
                take(b, 1);
            }
        }
    }

    /** Steps over the closing quote; false unless the argument ends there. */
    private boolean closed() {
        read++;
        int next = peek(0);
        return next == 0 || isSpace(next);
    }

    private void take(int b, int length) {
        target.set(BYTE, written++, (byte) b);
        read += length;
    }

    /** The byte so many places ahead; 0 at the end of the line. */
    private int peek(int ahead) {
        return read + ahead < end ? in.get(BYTE, read + (long) ahead) & 0xFF : 0;
    }

    private static int unescaped(int b) {
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> b;
        };
    }

    private static int hex(int b) {
        return b < 128 ? Character.digit(b, 16) : -1;
    }

    private static boolean isSpace(int b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }
}
