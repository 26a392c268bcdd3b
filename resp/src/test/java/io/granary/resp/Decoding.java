package io.granary.resp;

import io.granary.resp.RequestDecoder.Result;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** A connection's reading side without the connection: feeds a decoder and writes down what it finds. */
final class Decoding {

    private final RequestDecoder decoder;
    private final Request request = new Request();
    private final List<String> found = new ArrayList<>();
    private boolean failed;

    Decoding(RequestLimits limits) {
        decoder = new RequestDecoder(limits);
    }

    /** What is found in the text when it arrives at once: one line per request, and the error last. */
    static List<String> of(String text) {
        return of(text, RequestLimits.DEFAULT);
    }

    static List<String> of(String text, RequestLimits limits) {
        return of(latin(text), limits);
    }

    static List<String> of(byte[] bytes, RequestLimits limits) {
        Decoding decoding = new Decoding(limits);
        decoding.take(nativeCopy(bytes, 0, bytes.length), 0, bytes.length);
        return decoding.found;
    }

    /** What is found when the bytes arrive in pieces that end at the cuts, each time in other memory and another place. */
    static List<String> of(byte[] bytes, RequestLimits limits, int... cuts) {
        Decoding decoding = new Decoding(limits);
        int begin = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int end = i < cuts.length ? cuts[i] : bytes.length;
            int shift = i * 7 % 5;
            byte[] piece = new byte[shift + end - begin];
            System.arraycopy(bytes, begin, piece, shift, end - begin);
            begin += decoding.take(nativeCopy(piece, 0, piece.length), shift, piece.length) - shift;
        }
        return decoding.found;
    }

    /** Decodes what there is and returns how far whole requests reach. */
    int take(MemorySegment in, int from, int to) {
        int at = from;
        while (!failed) {
            Result result = decoder.decode(in, at, to, request);
            switch (result) {
                case COMPLETE -> found.add(line(request));
                case EMPTY -> { }
                case INCOMPLETE -> {
                    if (decoder.missing() <= 0) {
                        throw new AssertionError("nothing is missing");
                    }
                    return at;
                }
                case ERROR -> {
                    found.add(decoder.foreignProtocol() ? "foreign" : "! " + decoder.error());
                    failed = true;
                }
            }
            if (!failed) {
                if (decoder.consumed() <= at || decoder.consumed() > to) {
                    throw new AssertionError("consumed up to " + decoder.consumed() + " of " + at + " to " + to);
                }
                at = decoder.consumed();
            }
        }
        return at;
    }

    RequestDecoder decoder() {
        return decoder;
    }

    Request request() {
        return request;
    }

    private static String line(Request request) {
        StringJoiner line = new StringJoiner(" ");
        for (int i = 0; i < request.count(); i++) {
            String text = request.toText(i);
            line.add(text.isEmpty() || text.indexOf(' ') >= 0 ? "<" + text + ">" : text);
        }
        return line.toString();
    }

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static MemorySegment nativeCopy(String text) {
        byte[] bytes = latin(text);
        return nativeCopy(bytes, 0, bytes.length);
    }

    /** Native memory of exactly that size, so that a read beyond it fails. */
    static MemorySegment nativeCopy(byte[] bytes, int offset, int length) {
        MemorySegment segment = Arena.ofAuto().allocate(length);
        MemorySegment.copy(bytes, offset, segment, ValueLayout.JAVA_BYTE, 0, length);
        return segment;
    }
}
