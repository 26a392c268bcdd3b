package io.granary.resp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** What a reply buffer hands out, as text of one character a byte. */
final class Written {

    private Written() {}

    static String drain(ReplyBuffer buffer) {
        StringBuilder text = new StringBuilder();
        buffer.drain(chunk -> take(chunk, text));
        return text.toString();
    }

    static void take(ByteBuf chunk, StringBuilder text) {
        text.append(chunk.toString(StandardCharsets.ISO_8859_1));
        chunk.release();
    }
}
