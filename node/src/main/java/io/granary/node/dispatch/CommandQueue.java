package io.granary.node.dispatch;

import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The commands that wait for EXEC, with copies of their arguments, one behind the other in one piece of native memory: a
 * client may queue millions of them, which as objects would fill the heap.
 *
 * <pre>
 * index of the command (4)  number of arguments (4)  { length (4)  bytes } for each argument
 * </pre>
 */
final class CommandQueue {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int HEAD_BYTES = 2 * Integer.BYTES;
    private static final int LEAST_BYTES = 1024;
    private static final long MOST_BYTES = Integer.MAX_VALUE - 8L;

    private ByteBuf memory;
    private MemorySegment segment;
    private int used;
    private int size;
    private long flags;
    private int slot = Router.NO_KEYS;

    /** What is to be done with each command in turn; the request is valid only during the call. */
    @FunctionalInterface
    interface Visitor {
        void visit(Command<NodeCall> command, Request request);
    }

    /** The number of commands. */
    int size() {
        return size;
    }

    /** Bytes that the commands take. */
    int bytes() {
        return used;
    }

    /** The flags of all commands together. */
    long flags() {
        return flags;
    }

    /** The slot of all keys of all commands, as a code of {@link Router#slotOf}. */
    int slot() {
        return slot;
    }

    /** Adds a copy, unless the queue would then take more than {@code bytesMax}; returns whether it was added. */
    boolean add(Command<NodeCall> command, Request request, int slotOfRequest, ByteBufAllocator allocator, long bytesMax) {
        long bytes = HEAD_BYTES;
        for (int i = 0; i < request.count(); i++) {
            bytes += Integer.BYTES + request.length(i);
        }
        if (used + bytes > Math.min(bytesMax, MOST_BYTES)) {
            return false;
        }
        makeRoom((int) bytes, allocator);
        int at = used;
        segment.set(INT, at, command.index());
        segment.set(INT, at + (long) Integer.BYTES, request.count());
        at += HEAD_BYTES;
        for (int i = 0; i < request.count(); i++) {
            int length = request.length(i);
            segment.set(INT, at, length);
            MemorySegment.copy(request.bytes(), request.offset(i), segment, at + (long) Integer.BYTES, length);
            at += Integer.BYTES + length;
        }
        used = at;
        size++;
        flags |= command.flagBits();
        slot = Router.join(slot, slotOfRequest);
        return true;
    }

    private void makeRoom(int bytes, ByteBufAllocator allocator) {
        if (memory != null && memory.capacity() - used >= bytes) {
            return;
        }
        int capacity = (int) Math.min(MOST_BYTES, Math.max(LEAST_BYTES, 2L * (used + (long) bytes)));
        ByteBuf grown = allocator.directBuffer(capacity, capacity);
        MemorySegment grownSegment = MemorySegment.ofBuffer(grown.nioBuffer(0, capacity));
        if (memory != null) {
            MemorySegment.copy(segment, 0, grownSegment, 0, used);
            memory.release();
        }
        memory = grown;
        segment = grownSegment;
    }

    /** Visits the commands in the order in which they came, each in the same {@code request}. */
    void forEach(CommandTable<NodeCall> table, Request request, Visitor visitor) {
        int at = 0;
        for (int i = 0; i < size; i++) {
            Command<NodeCall> command = table.all().get(segment.get(INT, at));
            int arguments = segment.get(INT, at + (long) Integer.BYTES);
            at += HEAD_BYTES;
            request.begin(segment);
            for (int argument = 0; argument < arguments; argument++) {
                int length = segment.get(INT, at);
                request.add(at + Integer.BYTES, length);
                at += Integer.BYTES + length;
            }
            visitor.visit(command, request);
            request.trim();
        }
    }

    /** Forgets all commands and frees their memory. */
    void clear() {
        if (memory != null) {
            memory.release();
            memory = null;
            segment = null;
        }
        used = 0;
        size = 0;
        flags = 0;
        slot = Router.NO_KEYS;
    }
}
