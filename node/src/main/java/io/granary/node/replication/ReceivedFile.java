package io.granary.node.replication;

import io.granary.persistence.rdb.RdbEntry;
import io.granary.persistence.rdb.RdbReader;
import io.granary.persistence.rdb.RdbVisitor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file with a primary's snapshot. It has no name, so that nothing is left behind however the node ends. */
final class ReceivedFile implements AutoCloseable {

    private static final int PART_BYTES = 256 * 1024;

    private final FileChannel channel;
    private final BytePipe pipe;

    private ReceivedFile(FileChannel channel, BytePipe pipe) {
        this.channel = channel;
        this.pipe = pipe;
    }

    /** Stores all that comes through a pipe until it ends. */
    static ReceivedFile of(BytePipe pipe, Path folder) throws IOException {
        ReceivedFile file = new ReceivedFile(unnamed(folder), pipe);
        try {
            file.fill();
            return file;
        } catch (IOException | RuntimeException | Error failure) {
            file.close();
            throw failure;
        }
    }

    private static FileChannel unnamed(Path folder) throws IOException {
        Path path = Files.createTempFile(folder, "temp-from-master-", ".rdb");
        try {
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(path);
        }
    }

    private void fill() throws IOException {
        ByteBuffer part = ByteBuffer.allocateDirect(PART_BYTES);
        while (pipe.read(part) >= 0) {
            part.flip();
            while (part.hasRemaining()) {
                channel.write(part);
            }
            part.clear();
        }
    }

    long length() throws IOException {
        return channel.size();
    }

    /** The file from its beginning on; fails as soon as the sender's link is given up. */
    ReadableByteChannel reading() throws IOException {
        channel.position(0);
        return new Reading();
    }

    /**
     * Reads it once from the beginning to the end, keeping nothing, and fails if it is no RDB that could be loaded. Returns
     * how many bytes it is, or its keys and values are, if those are more.
     */
    long requireLoadable(int databases) throws IOException {
        Looking looking = new Looking();
        try (RdbReader reader = new RdbReader(reading(), length(), true, databases)) {
            reader.read(looking);
            if (reader.position() < length()) {
                throw new IOException("there are bytes behind the end of the RDB");
            }
        }
        return Math.max(looking.bytes, length());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private final class Reading implements ReadableByteChannel {

        @Override
        public int read(ByteBuffer into) throws IOException {
            pipe.requireWhole();
            return channel.read(into);
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() {
            // the file is read twice
        }
    }

    private static final class Looking implements RdbVisitor {

        private long bytes;

        @Override
        public void string(RdbEntry entry) {
            bytes += entry.key().length() + entry.value().length();
        }
    }
}
