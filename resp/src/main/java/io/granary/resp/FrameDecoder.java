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
import io.netty.buffer.ByteBuf;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Reads the replies of one server, RESP2 or RESP3, from bytes that arrive in any pieces. A reply is bounded in size and
 * depth; memory grows with what arrived, never with what a header promises. Attributes and streamed values, which Redis
 * does not send, are refused.
 *
 * <p>Source: the RESP specification.
 */
public final class FrameDecoder {

    private static final int DEFAULT_MAX_BYTES = 1 << 30;
    private static final int DEFAULT_MAX_DEPTH = 64;
    /** The shortest frame is {@code _\r\n}. */
    private static final int LEAST_FRAME_BYTES = 3;
    private static final int LINE_END_BYTES = 2;
    private static final int FORMAT_BYTES = 4;

    /** An aggregate whose elements are still arriving; {@code size} counts a map's keys and values. */
    private record Open(char type, long size, List<Frame> items) {}

    private final int maxBytes;
    private final int maxDepth;
    private final Deque<Open> open = new ArrayDeque<>();

    private byte[] bytes = new byte[1024];
    private int read;
    private int written;
    /** How far the unfinished line was searched for its end. */
    private int searched;
    /** Bytes of the current reply before {@link #read}. */
    private long frameBytes;
    /** The type of the string whose bytes are awaited; 0 if none. */
    private char stringType;
    private int stringLength;

    public FrameDecoder() {
        this(DEFAULT_MAX_BYTES, DEFAULT_MAX_DEPTH);
    }

    /**
     * @param maxBytes of one reply
     * @param maxDepth of aggregates within aggregates
     */
    public FrameDecoder(int maxBytes, int maxDepth) {
        this.maxBytes = maxBytes;
        this.maxDepth = maxDepth;
    }

    public void feed(byte[] source) {
        feed(source, 0, source.length);
    }

    public void feed(byte[] source, int offset, int length) {
        reserve(length);
        System.arraycopy(source, offset, bytes, written, length);
        written += length;
    }

    /** Takes all remaining bytes. */
    public void feed(ByteBuffer source) {
        int length = source.remaining();
        reserve(length);
        source.get(bytes, written, length);
        written += length;
    }

    /** Takes all readable bytes. */
    public void feed(ByteBuf source) {
        int length = source.readableBytes();
        reserve(length);
        source.readBytes(bytes, written, length);
        written += length;
    }

    private void reserve(int length) {
        if (bytes.length - written >= length) {
            return;
        }
        int kept = written - read;
        int needed = Math.addExact(kept, length);
        byte[] target = needed <= bytes.length / 2 ? bytes : new byte[Math.max(needed, bytes.length + (bytes.length >> 1))];
        System.arraycopy(bytes, read, target, 0, kept);
        bytes = target;
        searched = Math.max(0, searched - read);
        read = 0;
        written = kept;
    }

    /** Bytes that were fed and belong to no reply handed out yet, apart from what unfinished aggregates have taken. */
    public int buffered() {
        return written - read;
    }

    /** The next reply; null if it has not arrived whole. */
    public Frame next() throws ProtocolException {
        while (true) {
            Frame frame = element();
            if (frame == null) {
                return null;
            }
            while (!open.isEmpty()) {
                Open parent = open.peek();
                parent.items().add(frame);
                if (parent.items().size() < parent.size()) {
                    break;
                }
                open.pop();
                frame = aggregate(parent.type(), parent.items());
            }
            if (open.isEmpty()) {
                frameBytes = 0;
                return frame;
            }
        }
    }

    /** The next value that holds no others, stepping into aggregates on the way; null if it has not arrived whole. */
    private Frame element() throws ProtocolException {
        while (true) {
            if (stringType != 0) {
                return string();
            }
            int end = lineEnd();
            if (end < 0) {
                return null;
            }
            char type = (char) (bytes[read] & 0xFF);
            String rest = new String(bytes, read + 1, end - read - 1, StandardCharsets.ISO_8859_1);
            skip(end + LINE_END_BYTES - read);
            Frame frame = switch (type) {
                case '$', '=', '!' -> beginString(type, rest);
                case '*', '%', '~', '>' -> beginAggregate(type, rest);
                default -> scalar(type, rest);
            };
            if (frame != null) {
                return frame;
            }
        }
    }

    private static Frame scalar(char type, String rest) throws ProtocolException {
        return switch (type) {
            case '+' -> new SimpleString(rest);
            case '-' -> new ErrorFrame(rest);
            case ':' -> new IntegerFrame(integer(rest));
            case ',' -> number(rest);
            case '(' -> bigNumber(rest);
            case '#' -> bool(rest);
            case '_' -> new Null('_');
            case '|' -> throw new ProtocolException("attributes are not supported");
            default -> throw new ProtocolException("a reply begins with " + CliText.of(Bulk.of(String.valueOf(type))));
        };
    }

    private static DoubleFrame number(String text) throws ProtocolException {
        DoubleFrame number = new DoubleFrame(text);
        try {
            number.value();
        } catch (NumberFormatException _) {
            throw new ProtocolException("not a double: " + text);
        }
        return number;
    }

    private static BigNumber bigNumber(String text) throws ProtocolException {
        try {
            return new BigNumber(new BigInteger(text));
        } catch (NumberFormatException _) {
            throw new ProtocolException("not a big number: " + text);
        }
    }

    private static Bool bool(String text) throws ProtocolException {
        return switch (text) {
            case "t" -> new Bool(true);
            case "f" -> new Bool(false);
            default -> throw new ProtocolException("not a boolean: " + text);
        };
    }

    private static long integer(String text) throws ProtocolException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw new ProtocolException("not an integer: " + text);
        }
    }

    /** The length or size behind a type; -1 for a RESP2 null. */
    private static long size(char type, String text) throws ProtocolException {
        if (text.equals("?")) {
            throw new ProtocolException("streamed values are not supported");
        }
        long size = integer(text);
        if (size < 0 && !(size == -1 && (type == '$' || type == '*'))) {
            throw new ProtocolException("negative length: " + type + size);
        }
        return size;
    }

    private Frame beginString(char type, String text) throws ProtocolException {
        long length = size(type, text);
        if (length < 0) {
            return new Null('$');
        }
        if (length > maxBytes - frameBytes - LINE_END_BYTES) {
            throw tooLong();
        }
        stringType = type;
        stringLength = (int) length;
        return null;
    }

    /** The string whose header was read; null if it has not arrived whole. */
    private Frame string() throws ProtocolException {
        if (written - read - LINE_END_BYTES < stringLength) {
            return null;
        }
        int end = read + stringLength;
        if (bytes[end] != '\r' || bytes[end + 1] != '\n') {
            throw new ProtocolException("a string of " + stringLength + " bytes does not end after them");
        }
        byte[] content = Arrays.copyOfRange(bytes, read, end);
        skip(stringLength + LINE_END_BYTES);
        char type = stringType;
        stringType = 0;
        return switch (type) {
            case '=' -> verbatim(content);
            case '!' -> new ErrorFrame(new String(content, StandardCharsets.ISO_8859_1));
            default -> new Bulk(content);
        };
    }

    private static Verbatim verbatim(byte[] content) throws ProtocolException {
        if (content.length < FORMAT_BYTES || content[FORMAT_BYTES - 1] != ':') {
            throw new ProtocolException("a verbatim string without a format");
        }
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return new Verbatim(text.substring(0, FORMAT_BYTES - 1), text.substring(FORMAT_BYTES));
    }

    private Frame beginAggregate(char type, String text) throws ProtocolException {
        long size = size(type, text);
        if (size < 0) {
            return new Null('*');
        }
        if (size > (maxBytes - frameBytes) / LEAST_FRAME_BYTES) {
            throw tooLong();
        }
        if (size == 0) {
            return aggregate(type, List.of());
        }
        if (open.size() == maxDepth) {
            throw new ProtocolException("aggregates nested deeper than " + maxDepth);
        }
        open.push(new Open(type, type == '%' ? size * 2 : size, new ArrayList<>()));
        return null;
    }

    private static Frame aggregate(char type, List<Frame> items) {
        return switch (type) {
            case '%' -> map(items);
            case '~' -> new SetFrame(items);
            case '>' -> new Push(items);
            default -> new Array(items);
        };
    }

    private static MapFrame map(List<Frame> items) {
        List<Pair> pairs = new ArrayList<>(items.size() / 2);
        for (int i = 0; i < items.size(); i += 2) {
            pairs.add(new Pair(items.get(i), items.get(i + 1)));
        }
        return new MapFrame(pairs);
    }

    /** Where the line that begins at {@link #read} ends; -1 if its end has not arrived. */
    private int lineEnd() throws ProtocolException {
        for (int i = Math.max(read, searched); i < written - 1; i++) {
            if (bytes[i] == '\r' || bytes[i] == '\n') {
                if (bytes[i] == '\n' || bytes[i + 1] != '\n') {
                    throw new ProtocolException("a line is broken by a stray line end");
                }
                if (i == read) {
                    throw new ProtocolException("an empty line");
                }
                return i;
            }
        }
        searched = Math.max(read, written - 1);
        if (frameBytes + written - read > maxBytes) {
            throw tooLong();
        }
        return -1;
    }

    private void skip(int length) throws ProtocolException {
        read += length;
        frameBytes += length;
        if (frameBytes > maxBytes) {
            throw tooLong();
        }
    }

    private ProtocolException tooLong() {
        return new ProtocolException("a reply longer than " + maxBytes + " bytes");
    }
}
