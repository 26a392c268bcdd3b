package io.granary.resp;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * What a peer answered: one value of the protocol, RESP2 or RESP3, on the heap. Texts hold one character a byte (ISO
 * 8859-1), so any bytes survive in them.
 */
public sealed interface Frame {

    /** A status such as {@code OK}. */
    record SimpleString(String text) implements Frame {}

    /** A failure; the message begins with its code. */
    record ErrorFrame(String message) implements Frame {
        /** The first word: {@code ERR}, {@code MOVED} ... */
        public String code() {
            int space = message.indexOf(' ');
            return space < 0 ? message : message.substring(0, space);
        }

        @Override
        public String text() {
            return message;
        }
    }

    record IntegerFrame(long value) implements Frame {
        @Override
        public String text() {
            return Long.toString(value);
        }
    }

    /** A string of any bytes. */
    record Bulk(byte[] bytes) implements Frame {
        public static Bulk of(String text) {
            return new Bulk(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        @Override
        public String text() {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bulk bulk && Arrays.equals(bytes, bulk.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Bulk[" + CliText.of(this) + "]";
        }
    }

    /**
     * Nothing.
     *
     * @param type how it was said: {@code $} a missing string and {@code *} a missing array of RESP2, {@code _} RESP3's null
     */
    record Null(char type) implements Frame {}

    record Array(List<Frame> items) implements Frame {
        public Array {
            items = List.copyOf(items);
        }
    }

    /** Keys and values in the order in which they were sent. */
    record MapFrame(List<Pair> pairs) implements Frame {
        public MapFrame {
            pairs = List.copyOf(pairs);
        }

        /** The value of the first key with that text; null if there is none. */
        public Frame get(String key) {
            return pairs.stream().filter(pair -> pair.key().text().equals(key)).map(Pair::value).findFirst().orElse(null);
        }
    }

    /** One entry of a map. */
    record Pair(Frame key, Frame value) {}

    record SetFrame(List<Frame> items) implements Frame {
        public SetFrame {
            items = List.copyOf(items);
        }
    }

    /** Something that was not asked for, such as a published message. */
    record Push(List<Frame> items) implements Frame {
        public Push {
            items = List.copyOf(items);
        }
    }

    /** A floating point number, as the peer wrote it. */
    record DoubleFrame(String text) implements Frame {
        public double value() {
            return switch (text) {
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                case "nan" -> Double.NaN;
                default -> Double.parseDouble(text);
            };
        }
    }

    record Bool(boolean value) implements Frame {}

    record BigNumber(BigInteger value) implements Frame {
        @Override
        public String text() {
            return value.toString();
        }
    }

    /** A text for people, with its format: {@code txt} or {@code mkd}. */
    record Verbatim(String format, String text) implements Frame {}

    /** The content of a status, error, string or number; any other frame has none and is a mistake to ask. */
    default String text() {
        throw new IllegalStateException("expected a text, got " + this);
    }

    /** The elements of an array, set or push; any other frame has none and is a mistake to ask. */
    default List<Frame> items() {
        throw new IllegalStateException("expected an array, got " + this);
    }

    default boolean isError() {
        return this instanceof ErrorFrame;
    }
}
