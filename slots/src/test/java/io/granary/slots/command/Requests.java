package io.granary.slots.command;

import io.granary.resp.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Requests for tests, in native memory as in the server. */
public final class Requests {

    private Requests() {
    }

    /** The words one behind the other with nothing behind the last, so that reading too far is noticed. */
    public static Request of(String... words) {
        byte[] bytes = String.join("", words).getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment segment = Arena.ofAuto().allocate(Math.max(1, bytes.length));
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, segment, 0, bytes.length);
        Request request = new Request();
        request.begin(segment);
        int offset = 0;
        for (String word : words) {
            request.add(offset, word.length());
            offset += word.length();
        }
        return request;
    }

    /** The words of a line. */
    static Request line(String line) {
        return of(line.split(" "));
    }
}
