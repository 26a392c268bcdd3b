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
 * A file with a snapshot that is sent to replicas. It has no name from the moment it is complete, so that nothing is left behind
 * however the node ends; its space is given back when the last replica has it.
 */
final class SnapshotFile {

    private static final int PART_BYTES = 256 * 1024;

    private final Path path;
    private final FileChannel channel;
    private final AtomicInteger users = new AtomicInteger(1);
    private long length;

    private SnapshotFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Makes an empty file; its user is who writes it. */
    static SnapshotFile create(Path folder) throws IOException {
        Path path = Files.createTempFile(folder, "temp-sync-", ".rdb");
        return new SnapshotFile(path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** Appends bytes. */
    void write(ByteBuf bytes) throws IOException {
        while (bytes.isReadable()) {
            length += bytes.readBytes(channel, length, bytes.readableBytes());
        }
    }

    /** Nothing more is written. */
    void complete() throws IOException {
        Files.delete(path);
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
            Files.deleteIfExists(path);
        } catch (IOException _) {
            // the file has no name any more, or cannot be removed: nothing that could be done about it here
        }
    }
}
