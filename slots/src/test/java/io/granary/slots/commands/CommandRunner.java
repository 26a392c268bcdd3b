package io.granary.slots.commands;

import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Requests;
import io.granary.slots.command.SlotCall;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;

/** Runs commands of a table that need no keyspace, as the dispatcher would. */
final class CommandRunner implements AutoCloseable {

    private final CommandTable<SlotCall> table;
    private final ReplyBuffer buffer = new ReplyBuffer(UnpooledByteBufAllocator.DEFAULT);
    private final ReplyWriter reply = new ReplyWriter(buffer);
    private final SlotCall call = new SlotCall(null, reply, CallSettings.DEFAULT, new Random(1));

    CommandRunner(CommandTable<SlotCall> table) {
        this.table = table;
    }

    CommandRunner resp3() {
        reply.resp3(true);
        return this;
    }

    Frame ask(String... words) {
        Request request = Requests.of(words);
        Command<SlotCall> command = table.find(request);
        try {
            run(command, request);
        } catch (CommandException error) {
            reply.error(error.text());
        }
        return written();
    }

    private void run(Command<SlotCall> command, Request request) {
        if (command == null) {
            throw table.unknown(request);
        }
        if (!command.accepts(request.count())) {
            throw Errors.wrongArity(command);
        }
        call.begin(request, 0, 0, 0);
        command.body().run(call);
    }

    private Frame written() {
        FrameDecoder decoder = new FrameDecoder();
        buffer.drain(bytes -> {
            decoder.feed(bytes);
            bytes.release();
        });
        try {
            return decoder.next();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        buffer.close();
    }
}
