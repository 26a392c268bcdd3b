package io.granary.node.replication;

import io.granary.node.priority.ThreadPriority;
import io.granary.persistence.rdb.RdbReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A snapshot on its way from the primary into this node. The event loop of the link hands over the bytes as they come, a
 * thread of its own takes them in ({@link SnapshotIntake}).
 *
 * <p>The snapshot is as long as its first line says ({@code $<length>}), or ends with a mark that the first line names
 * ({@code $EOF:<40 characters>}). Neither is believed alone: the RDB has an end of its own, and a checksum, and the two ends
 * have to meet.
 */
final class SnapshotTransfer {

    private static final int MARK_LENGTH = 40;
    private static final String MARK_LINE = "$EOF:";

    /** What becomes of the snapshot. Called by the loading thread. */
    interface Outcome extends SnapshotIntake.Receiver {

        /** The snapshot is of no use. */
        void failed(String reason);

        /** The thread has ended; the memory that it took is free. The last call. */
        void over();
    }

    private final ByteBufAllocator allocator;
    private final BytePipe pipe;
    /** Ends a snapshot whose length is unknown; null otherwise. */
    private final byte[] mark;
    private final long length;
    /** The last bytes, which may be the mark. */
    private byte[] held = {};
    private volatile long received;
    private boolean whole;

    private SnapshotTransfer(ByteBufAllocator allocator, byte[] mark, long length, Runnable onRoom) {
        this.allocator = allocator;
        this.mark = mark;
        this.length = length;
        pipe = new BytePipe(onRoom);
    }

    /** A transfer as its first line describes it, or null if that is no such line. */
    static SnapshotTransfer of(String line, ByteBufAllocator allocator, Runnable onRoom) {
        if (line.startsWith(MARK_LINE) && line.length() == MARK_LINE.length() + MARK_LENGTH) {
            byte[] mark = line.substring(MARK_LINE.length()).getBytes(StandardCharsets.ISO_8859_1);
            return new SnapshotTransfer(allocator, mark, RdbReader.UNKNOWN_LENGTH, onRoom);
        }
        return line.matches("\\$[0-9]{1,18}")
                ? new SnapshotTransfer(allocator, null, Long.parseLong(line.substring(1)), onRoom) : null;
    }

    /** Starts the thread that loads. */
    void start(SnapshotIntake intake, Outcome outcome) {
        ThreadPriority.BACKGROUND.factory(Thread.ofPlatform().daemon().name("load-from-primary"))
                .newThread(() -> load(intake, outcome)).start();
    }

    private void load(SnapshotIntake intake, Outcome outcome) {
        try (pipe) {
            if (!intake.take(pipe, length, outcome)) {
                outcome.failed("the link is no longer the current one");
            }
        } catch (IOException e) {
            outcome.failed(e.getMessage());
        } catch (RuntimeException | Error e) {
            outcome.failed(e.toString());
        } finally {
            outcome.over();
        }
    }

    // ---- the event loop's side ----

    /** Takes the bytes that belong to the snapshot, which are as many as it can; returns whether there is room for more. */
    boolean receive(ByteBuf bytes) {
        return mark == null ? receiveCounted(bytes) : receiveMarked(bytes);
    }

    private boolean receiveCounted(ByteBuf bytes) {
        int taken = (int) Math.min(bytes.readableBytes(), length - received);
        boolean room = pipe.write(allocator.directBuffer(Math.max(1, taken)).writeBytes(bytes, taken));
        received += taken;
        if (received == length) {
            complete();
        }
        return room;
    }

    private boolean receiveMarked(ByteBuf bytes) {
        received += bytes.readableBytes();
        ByteBuf chunk = allocator.directBuffer(held.length + bytes.readableBytes()).writeBytes(held).writeBytes(bytes);
        held = new byte[Math.min(MARK_LENGTH, chunk.readableBytes())];
        chunk.getBytes(chunk.writerIndex() - held.length, held);
        boolean room = pipe.write(chunk.writerIndex(chunk.writerIndex() - held.length));
        if (Arrays.equals(held, mark)) {
            complete();
        }
        return room;
    }

    private void complete() {
        whole = true;
        pipe.end();
    }

    /** Whether all of it has come. */
    boolean whole() {
        return whole;
    }

    /** Gives the snapshot up: what was loaded is freed. From any thread. */
    void abort(String reason) {
        pipe.fail(reason);
    }

    /** Bytes that have come. From any thread. */
    long received() {
        return received;
    }

    /** Bytes that will come; 0 if that is unknown. From any thread. */
    long expected() {
        return mark == null ? length : 0;
    }
}
