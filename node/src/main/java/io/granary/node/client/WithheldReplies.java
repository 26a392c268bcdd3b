package io.granary.node.client;

import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Replies of one client that wait for the lease of the writes among them. */
final class WithheldReplies {

    private final int term;
    private final List<ByteBuf> chunks = new ArrayList<>();
    private int replies;

    /** @param term the lease's */
    WithheldReplies(int term) {
        this.term = term;
    }

    int term() {
        return term;
    }

    /** Takes all that a buffer holds: so many replies. */
    void take(ReplyBuffer buffer, int count) {
        buffer.drain(chunks::add);
        buffer.reuse();
        replies += count;
    }

    /** Hands the bytes over. */
    void send(Consumer<ByteBuf> taker) {
        chunks.forEach(taker);
        chunks.clear();
    }

    /** Writes an error in the place of each reply. */
    void refuse(ReplyWriter writer, String error) {
        release();
        for (int i = 0; i < replies; i++) {
            writer.error(error);
        }
    }

    void release() {
        chunks.forEach(ByteBuf::release);
        chunks.clear();
    }
}
