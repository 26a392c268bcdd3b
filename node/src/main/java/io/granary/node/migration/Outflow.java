package io.granary.node.migration;

import io.granary.node.dispatch.Propagation;
import io.granary.slots.SlotSet;
import io.granary.slots.command.Effects;
import io.granary.slots.command.IntegerText;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.SnapshotVisitor;
import io.granary.slots.keyspace.ValueType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * What the source of a move has yet to send: the records of its snapshot and the changes of its slots, as requests, in one
 * queue.
 *
 * <p><b>One queue, so that the order is right by construction.</b> A record is shown with its slot's lock held, by the
 * walk, or before it by the writer who is about to change it; the change is appended before that lock is released. So a
 * key's state at the cut stands in front of all its changes, and these stand in their order: who applies the queue from
 * its front has at the end what the source has. Nothing is kept twice. Each slot has a cut of its own, when the walk comes
 * there: what changes before is not followed, since the walk has yet to show it.
 *
 * <p><b>Bounds.</b> The walk waits while more than {@value #READY_BYTES} bytes wait to be sent. Writers cannot wait:
 * beyond a limit the queue breaks, holds nothing any more, and the move fails.
 */
final class Outflow implements SnapshotVisitor, Propagation.SlotFollower, AutoCloseable {

    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int READY_BYTES = 1024 * 1024;

    /** A longer value goes in pieces of this length, so that the target need not hold all of it twice. */
    private static final int PIECE_BYTES = 256 * 1024;

    private static final int LINE_BYTES_MAX = 1 + IntegerText.BYTES_MAX + 2;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final byte[] SET = ascii("*3\r\n$3\r\nSET\r\n");
    private static final byte[] SET_UNTIL = ascii("*5\r\n$3\r\nSET\r\n");
    private static final byte[] UNTIL = ascii("$4\r\nPXAT\r\n");
    private static final byte[] USED = ascii("*6\r\n$7\r\nCLUSTER\r\n$9\r\nSYNCSLOTS\r\n$4\r\nUSED\r\n");
    private static final byte[] APPEND = ascii("*3\r\n$6\r\nAPPEND\r\n");

    /** The slots whose records are shown, or were: their changes come behind. A slot is added with its lock held. */
    private final SlotSet followed = new SlotSet();

    private final ByteBufAllocator allocator;
    private final LongSupplier bytesMax;
    private final LastUse lastUse;
    private final byte[] unit;
    private final ArrayDeque<ByteBuf> full = new ArrayDeque<>();

    // What is written to, guarded by this.
    private ByteBuf block;
    private MemorySegment segment;
    private int used;
    private long fullBytes;
    private boolean closed;
    private int shown;

    private volatile long waiting;
    private volatile String broken;

    /**
     * @param bytesMax that writers may have waiting; 0 for no limit
     * @param lastUse what is told of it; keys whose time has come before its clock are not sent
     */
    Outflow(ByteBufAllocator allocator, LongSupplier bytesMax, LastUse lastUse) {
        this.allocator = allocator;
        this.bytesMax = bytesMax;
        this.lastUse = lastUse;
        this.unit = ascii("$" + lastUse.unit().length() + "\r\n" + lastUse.unit() + "\r\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    // ---- with a slot's lock held

    @Override
    public boolean ready() {
        return waiting < READY_BYTES && broken == null;
    }

    @Override
    public void reached(int slot) {
        followed.add(slot);
    }

    @Override
    public boolean follows(int slot) {
        return followed.contains(slot);
    }

    @Override
    public synchronized void visit(int database, SlotStore store, long record) {
        long expiryMs = store.expiry(record);
        if (closed || broken != null || expiryMs >= 0 && expiryMs < lastUse.nowMs()) {
            return;
        }
        if (store.type(record) != ValueType.STRING.code) {
            breakOff("a value of type " + ValueType.of(store.type(record)).text() + " cannot be moved in this way");
            return;
        }
        MemorySegment memory = store.memory();
        long key = store.keyOffset(record);
        int keyLength = store.keyLength(record);
        long value = store.valueOffset(record);
        long length = store.valueLength(record);
        long first = Math.min(length, PIECE_BYTES);
        shown++;
        text(expiryMs < 0 ? SET : SET_UNTIL);
        argument(memory, key, keyLength);
        argument(memory, value, first);
        if (expiryMs >= 0) {
            text(UNTIL);
            number(expiryMs);
        }
        for (long at = first; at < length; at += PIECE_BYTES) {
            text(APPEND);
            argument(memory, key, keyLength);
            argument(memory, value + at, Math.min(length - at, PIECE_BYTES));
        }
        long use = lastUse.number(store.accessClock(record));
        if (use >= 0) {
            text(USED);
            argument(memory, key, keyLength);
            text(unit);
            number(use);
        }
        written();
    }

    @Override
    public synchronized void append(Effects unit) {
        if (!closed && broken == null) {
            unit.write(0, this::copy);
            written();
        }
    }

    private void written() {
        waiting = fullBytes + used;
        long most = bytesMax.getAsLong();
        if (most > 0 && waiting > most + READY_BYTES) {
            breakOff("writers changed more than the client-output-buffer-limit of replicas allows to wait");
        }
    }

    private void breakOff(String reason) {
        broken = reason;
        free();
    }

    // ---- writing down

    private void argument(MemorySegment source, long offset, long length) {
        line('$', length);
        copy(source, offset, length);
        reserve(2);
        end();
    }

    private void number(long value) {
        line('$', Long.toString(value).length());
        reserve(LINE_BYTES_MAX);
        digits(value);
    }

    private void text(byte[] bytes) {
        reserve(bytes.length);
        MemorySegment.copy(bytes, 0, segment, BYTE, used, bytes.length);
        used += bytes.length;
    }

    private void line(char mark, long value) {
        reserve(LINE_BYTES_MAX);
        segment.set(BYTE, used++, (byte) mark);
        digits(value);
    }

    /** Writes a number that is not negative, and ends the line; there is room. */
    private void digits(long value) {
        int digits = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int at = used + digits - 1; at >= used; at--) {
            segment.set(BYTE, at, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        used += digits;
        end();
    }

    private void end() {
        segment.set(BYTE, used, (byte) '\r');
        segment.set(BYTE, used + 1L, (byte) '\n');
        used += 2;
    }

    private void copy(MemorySegment source, long offset, long length) {
        for (long done = 0; done < length; ) {
            reserve(1);
            long part = Math.min(BLOCK_BYTES - used, length - done);
            MemorySegment.copy(source, offset + done, segment, used, part);
            used += (int) part;
            done += part;
        }
    }

    /** Makes sure that so many bytes, no more than a block has, can be written in one piece. */
    private void reserve(int bytes) {
        if (block == null || BLOCK_BYTES - used < bytes) {
            retire();
            block = allocator.directBuffer(BLOCK_BYTES, BLOCK_BYTES);
            segment = MemorySegment.ofBuffer(block.nioBuffer(0, BLOCK_BYTES));
        }
    }

    private void retire() {
        if (block != null) {
            full.add(block.writerIndex(used));
            fullBytes += used;
            block = null;
            used = 0;
        }
    }

    // ---- the thread that sends

    /** Appends requests of the source's own. */
    synchronized void append(byte[] request) {
        if (!closed && broken == null) {
            copy(MemorySegment.ofArray(request), 0, request.length);
            waiting = fullBytes + used;
        }
    }

    /** The bytes that come next, or null when there are none; the caller releases them. */
    synchronized ByteBuf next() {
        if (full.isEmpty()) {
            retire();
        }
        ByteBuf next = full.poll();
        if (next != null) {
            fullBytes -= next.readableBytes();
            waiting = fullBytes + used;
        }
        return next;
    }

    /** How many records were shown since this was last asked. */
    synchronized int takeShown() {
        int taken = shown;
        shown = 0;
        return taken;
    }

    /** Bytes that wait to be sent. From any thread. */
    long waiting() {
        return waiting;
    }

    /** Why the queue is no use any more, or null. From any thread. */
    String broken() {
        return broken;
    }

    private void free() {
        retire();
        full.forEach(ByteBuf::release);
        full.clear();
        fullBytes = 0;
        waiting = 0;
    }

    /** Takes nothing more. */
    @Override
    public synchronized void close() {
        closed = true;
        free();
    }
}
