package io.granary.node.replication;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;

/**
 * A piece of the log: some of its bytes in a row, outside the heap. Filled by those who append, with the log's lock held;
 * what was published as the log's offset is read without it.
 */
final class LogBlock {

    final ByteBuf bytes;
    final MemorySegment segment;

    /** The log's offset before the first byte. */
    final long start;

    int used;

    /** Readers that stand in this block. */
    int pins;

    LogBlock next;

    LogBlock(ByteBuf bytes, MemorySegment segment, long start) {
        this.bytes = bytes;
        this.segment = segment;
        this.start = start;
    }

    int room() {
        return (int) segment.byteSize() - used;
    }

    /** The log's offset behind the last byte. */
    long end() {
        return start + used;
    }
}
