package io.granary.node.replication;

import io.netty.buffer.ByteBuf;

/**
 * A place in the log from which somebody reads on: what lies behind it is kept until it was read or the reader closed. Used
 * by one thread at a time.
 */
public final class LogReader implements AutoCloseable {

    private final ReplicationLog log;
    private final int generation;
    private LogBlock block;
    private volatile long offset;

    LogReader(ReplicationLog log, LogBlock block, long offset, int generation) {
        this.log = log;
        this.block = block;
        this.offset = offset;
        this.generation = generation;
    }

    /** The offset of the last byte that was read. May be asked for by any thread. */
    public long offset() {
        return offset;
    }

    /** Bytes of the log that were not read yet. May be asked for by any thread. */
    public long behind() {
        return Math.max(0, log.offset() - offset);
    }

    /** Whether the history that was read was given up: there is nothing more to read. */
    public boolean lost() {
        return log.generation() != generation;
    }

    /**
     * The next bytes, at most so many, or null when all were read or there is nothing more to read; the caller releases
     * them.
     */
    public ByteBuf next(int bytesMax) {
        long end = log.offset();
        // in this order: an offset of another history is published behind the generation's change
        if (block == null || lost() || offset >= end) {
            return null;
        }
        int at = (int) (offset - block.start);
        if (at == block.segment.byteSize()) {
            LogBlock next = log.move(block, generation);
            if (next == null) {
                return null;
            }
            block = next;
            at = 0;
        }
        int length = (int) Math.min(Math.min(end - offset, block.segment.byteSize() - at), bytesMax);
        offset += length;
        return block.bytes.retainedSlice(at, length);
    }

    /** Gives up the place. */
    @Override
    public void close() {
        if (block != null) {
            log.unpin(block);
            block = null;
        }
    }
}
