package io.granary.persistence.disk;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A disk in memory that loses power at a chosen operation: from then on every call fails, and what is left is what was
 * synced, except that unsynced bytes and names may have made it in part, as chosen.
 */
final class TornDisk implements Disk {

    /** What a power cut does with bytes and names that were not synced. */
    enum Unsynced { LOST, HALF, KEPT }

    private final Map<Path, byte[]> files = new HashMap<>();
    private final Map<Path, byte[]> durable = new HashMap<>();
    private final Set<byte[]> synced = new HashSet<>();
    private final Unsynced unsynced;
    private int operationsLeft = Integer.MAX_VALUE;

    TornDisk(Unsynced unsynced) {
        this.unsynced = unsynced;
    }

    /** The power fails in the operation after {@code operations} more. */
    void failAfter(int operations) {
        operationsLeft = operations;
    }

    /** Power is back: only what survived is there. */
    void restart() {
        operationsLeft = Integer.MAX_VALUE;
        Map<Path, byte[]> survivors = new HashMap<>(unsynced == Unsynced.LOST ? durable : files);
        survivors.replaceAll((_, content) -> synced.contains(content) ? content : remains(content));
        files.clear();
        files.putAll(survivors);
    }

    private byte[] remains(byte[] content) {
        return switch (unsynced) {
            case LOST -> new byte[0];
            case HALF -> Arrays.copyOf(content, content.length / 2);
            case KEPT -> content;
        };
    }

    private void step() throws IOException {
        if (operationsLeft-- <= 0) {
            throw new IOException("no power");
        }
    }

    @Override
    public byte[] read(Path file) throws IOException {
        byte[] content = files.get(file);
        if (content == null) {
            throw new NoSuchFileException(file.toString());
        }
        return content;
    }

    @Override
    public boolean exists(Path file) {
        return files.containsKey(file);
    }

    @Override
    public void write(Path file, byte[] content) throws IOException {
        files.put(file, content.clone());
        step();
    }

    @Override
    public OpenFile create(Path file) throws IOException {
        write(file, new byte[0]);
        return new OpenFile() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                byte[] before = files.get(file);
                byte[] after = Arrays.copyOf(before, before.length + bytes.remaining());
                int length = bytes.remaining();
                bytes.get(after, before.length, length);
                TornDisk.this.write(file, after);
                return length;
            }

            @Override
            public void sync() throws IOException {
                TornDisk.this.sync(file);
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() throws IOException {
                step();
            }
        };
    }

    @Override
    public ReadableByteChannel open(Path file) throws IOException {
        return Channels.newChannel(new ByteArrayInputStream(read(file)));
    }

    @Override
    public long size(Path file) throws IOException {
        return read(file).length;
    }

    @Override
    public void sync(Path file) throws IOException {
        step();
        synced.add(files.get(file));
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        step();
        files.put(to, files.remove(from));
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        step();
        durable.clear();
        durable.putAll(files);
    }

    @Override
    public void delete(Path file) throws IOException {
        step();
        files.remove(file);
    }

    @Override
    public Optional<Closeable> tryLock(Path file) {
        return Optional.of(() -> {});
    }
}
