package io.granary.node.dispatch;

import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;

/** A command that waits for EXEC, with a copy of its arguments in native memory of its own. */
final class QueuedCall {

    private final Command<NodeCall> command;
    private final Request request = new Request();
    private final ByteBuf bytes;

    QueuedCall(Command<NodeCall> command, Request original, ByteBufAllocator allocator) {
        this.command = command;
        int size = 0;
        for (int i = 0; i < original.count(); i++) {
            size = Math.addExact(size, original.length(i));
        }
        bytes = allocator.directBuffer(Math.max(1, size));
        MemorySegment segment = MemorySegment.ofBuffer(bytes.nioBuffer(0, bytes.capacity()));
        request.begin(segment);
        int at = 0;
        for (int i = 0; i < original.count(); i++) {
            int length = original.length(i);
            MemorySegment.copy(original.bytes(), original.offset(i), segment, at, length);
            request.add(at, length);
            at += length;
        }
    }

    Command<NodeCall> command() {
        return command;
    }

    Request request() {
        return request;
    }

    int bytes() {
        return bytes.capacity();
    }

    void release() {
        bytes.release();
    }
}
