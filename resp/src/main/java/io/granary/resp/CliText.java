package io.granary.resp;

import io.granary.resp.Frame.Array;
import io.granary.resp.Frame.BigNumber;
import io.granary.resp.Frame.Bool;
import io.granary.resp.Frame.Bulk;
import io.granary.resp.Frame.DoubleFrame;
import io.granary.resp.Frame.ErrorFrame;
import io.granary.resp.Frame.IntegerFrame;
import io.granary.resp.Frame.MapFrame;
import io.granary.resp.Frame.Null;
import io.granary.resp.Frame.Pair;
import io.granary.resp.Frame.Push;
import io.granary.resp.Frame.SetFrame;
import io.granary.resp.Frame.SimpleString;
import io.granary.resp.Frame.Verbatim;
import java.util.List;

/**
 * A reply as redis-cli prints it on a terminal: {@code (integer) 2}, {@code "text"}, {@code (nil)}, numbered elements.
 *
 * <p>Source: {@code cliFormatReplyTTY} of redis-cli 7.4. Big numbers, which it cannot print, are printed as their digits.
 */
public final class CliText {

    private CliText() {}

    /** The text, of several lines for an aggregate, without a line end behind it. */
    public static String of(Frame frame) {
        StringBuilder out = new StringBuilder();
        print(frame, "", out);
        return out.toString();
    }

    /** Prints the frame, whose first line is already indented, its other lines behind {@code indent}. */
    private static void print(Frame frame, String indent, StringBuilder out) {
        switch (frame) {
            case ErrorFrame error -> out.append("(error) ").append(error.message());
            case SimpleString status -> out.append(status.text());
            case IntegerFrame integer -> out.append("(integer) ").append(integer.value());
            case DoubleFrame number -> out.append("(double) ").append(number.text());
            case BigNumber number -> out.append(number.value());
            case Bool bool -> out.append(bool.value() ? "(true)" : "(false)");
            case Null _ -> out.append("(nil)");
            case Verbatim verbatim -> out.append(verbatim.text());
            case Bulk bulk -> quote(bulk.bytes(), out);
            case Array array -> printItems(array.items(), "(empty array)", ") ", indent, out);
            case SetFrame set -> printItems(set.items(), "(empty set)", "~ ", indent, out);
            case Push push -> printItems(push.items(), "(empty push)", ") ", indent, out);
            case MapFrame map -> printPairs(map.pairs(), indent, out);
        }
    }

    private static void printItems(List<Frame> items, String empty, String mark, String indent, StringBuilder out) {
        if (items.isEmpty()) {
            out.append(empty);
            return;
        }
        int width = Integer.toString(items.size()).length();
        String inner = indent + " ".repeat(width + 2);
        for (int i = 0; i < items.size(); i++) {
            number(i, width, mark, indent, out);
            print(items.get(i), inner, out);
        }
    }

    private static void printPairs(List<Pair> pairs, String indent, StringBuilder out) {
        if (pairs.isEmpty()) {
            out.append("(empty hash)");
            return;
        }
        int width = Integer.toString(pairs.size()).length();
        String inner = indent + " ".repeat(width + 2);
        for (int i = 0; i < pairs.size(); i++) {
            number(i, width, "# ", indent, out);
            print(pairs.get(i).key(), inner, out);
            out.append(" => ");
            if (isMultiline(pairs.get(i).value())) {
                out.append('\n').append(inner);
            }
            print(pairs.get(i).value(), inner, out);
        }
    }

    private static void number(int index, int width, String mark, String indent, StringBuilder out) {
        if (index > 0) {
            out.append('\n').append(indent);
        }
        String number = Integer.toString(index + 1);
        out.repeat(' ', width - number.length()).append(number).append(mark);
    }

    private static boolean isMultiline(Frame frame) {
        return switch (frame) {
            case Array array -> isMultiline(array.items());
            case SetFrame set -> isMultiline(set.items());
            case Push push -> isMultiline(push.items());
            case MapFrame map -> map.pairs().size() > 1
                    || map.pairs().size() == 1 && isMultiline(map.pairs().getFirst().value());
            default -> false;
        };
    }

    private static boolean isMultiline(List<Frame> items) {
        return items.size() > 1 || items.size() == 1 && isMultiline(items.getFirst());
    }

    /** Appends the bytes in double quotes, escaped as C would, so that an inline request can take them back. */
    private static void quote(byte[] bytes, StringBuilder out) {
        out.append('"');
        for (byte b : bytes) {
            switch (b) {
                case '\\', '"' -> out.append('\\').append((char) b);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                default -> {
                    if (b >= ' ' && b <= '~') {
                        out.append((char) b);
                    } else {
                        out.append("\\x").append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
                    }
                }
            }
        }
        out.append('"');
    }
}
