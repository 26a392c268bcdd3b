package io.granary.node.replication.replicas;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file with a snapshot that is sent to replicas. It has no name, so that nothing is left behind however the node ends; its
 * space is given back when the last replica has it.
 */
final class SnapshotFile {

    private static final int PART_BYTES = 256 * 1024;

    private final FileChannel channel;
    private final AtomicInteger users = new AtomicInteger(1);
    private long length;

    private SnapshotFile(FileChannel channel) {
        this.channel = channel;
    }

    /** Makes an empty file; its user is who writes it. */
    static SnapshotFile create(Path folder) throws IOException {
        Path path = Files.createTempFile(folder, "temp-sync-", ".rdb");
        try {
            return new SnapshotFile(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } finally {
            Files.delete(path);
        }
    }

    /** Appends bytes. */
    void write(ByteBuf bytes) throws IOException {
        while (bytes.isReadable()) {
            length += bytes.readBytes(channel, length, bytes.readableBytes());
        }
    }

    long length() {
        return length;
    }

    /** One more who reads it. */
    SnapshotFile retain() {
        users.incrementAndGet();
        return this;
    }

    /** Some bytes from a place on, or null if the file cannot be read. */
    ByteBuf read(long from, ByteBufAllocator allocator) {
        int wanted = (int) Math.min(PART_BYTES, length - from);
        ByteBuf part = allocator.directBuffer(wanted);
        try {
            int read = 0;
            while (part.readableBytes() < wanted && read >= 0) {
                read = part.writeBytes(channel, from + part.readableBytes(), wanted - part.readableBytes());
            }
            return part.readableBytes() == wanted ? part.retain() : null;
        } catch (IOException _) {
            return null;
        } finally {
            part.release();
        }
    }

    /** Is read or written by one less. */
    void release() {
        if (users.decrementAndGet() > 0) {
            return;
        }
        try {
            channel.close();
        } catch (IOException _) {
            // nothing was to be kept in it
        }
    }
}
