package io.granary.persistence.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A disk, with its promises spelled out: nothing is durable before it is synced, a file's name is durable only when its
 * directory is synced too, and a move is atomic.
 */
public interface Disk {

    /** The whole file; {@link java.nio.file.NoSuchFileException} when there is none. */
    byte[] read(Path file) throws IOException;

    boolean exists(Path file);

    /** Creates the file or replaces what it holds; a crash may leave any part of it. */
    void write(Path file, byte[] content) throws IOException;

    /** Creates the file, or empties it, and opens it to be written bit by bit; a crash may leave any part of it. */
    OpenFile create(Path file) throws IOException;

    /** A file that is being written. */
    interface OpenFile extends WritableByteChannel {

        /** Makes what was written so far durable; the name is not. */
        void sync() throws IOException;
    }

    /** Opens the file to be read; {@link java.nio.file.NoSuchFileException} when there is none. */
    ReadableByteChannel open(Path file) throws IOException;

    /** The length of the file in bytes. */
    long size(Path file) throws IOException;

    /** Makes what the file holds durable. */
    void sync(Path file) throws IOException;

    /** Renames a file, replacing {@code to}: at any moment {@code to} is the old file or the new one. */
    void move(Path from, Path to) throws IOException;

    /** Makes the names in a directory durable. */
    void syncDirectory(Path directory) throws IOException;

    void delete(Path file) throws IOException;

    /** Locks the file, which is made if need be, against every other process and node; empty when one of them holds it. */
    Optional<Closeable> tryLock(Path file) throws IOException;
}
