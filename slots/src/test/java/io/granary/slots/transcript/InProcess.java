package io.granary.slots.transcript;

import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.ProtocolException;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.Slot;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.Errors;
import io.granary.slots.command.SlotCall;
import io.granary.slots.commands.SlotCommands;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The least that a server is: it finds the command of a request, takes its slot's lock, runs it and gives back the reply.
 * One client, one thread, a clock that stands still unless it is told to go on.
 */
public final class InProcess implements Conversation {

    private static final long MEMORY_BYTES = 4L << 30;
    private static final long SECRET = 0x5EED;

    private final NativeMemory memory = NativeMemory.reserve(MEMORY_BYTES, MemoryOptions.TEST);
    private final CommandTable<SlotCall> table = new CommandTable<>(SlotCommands.FAMILIES);
    private final Request request = new Request();
    private final ReplyBuffer buffer = new ReplyBuffer(UnpooledByteBufAllocator.DEFAULT);
    private final ReplyWriter reply = new ReplyWriter(buffer);
    private final FrameDecoder decoder = new FrameDecoder();
    private final Keyspace keyspace;
    private final SlotCall call;
    private CallSettings settings = CallSettings.DEFAULT;
    private int database;
    private long nowMs;
    private boolean recording;
    private int streamDatabase;
    private final FrameDecoder stream = new FrameDecoder();

    /** A server with 16 databases, or in cluster mode with one, that owns every slot. */
    public InProcess(boolean clustered, long nowMs) {
        keyspace = new Keyspace(memory, new KeyHash(SECRET, ~SECRET), clustered ? 1 : 16, clustered, clustered ? 16 : 1);
        call = new RecordedCall();
        this.nowMs = nowMs;
    }

    public Keyspace keyspace() {
        return keyspace;
    }

    /** The call that every request runs in. */
    public SlotCall call() {
        return call;
    }

    /** Has what changes from now on written down, in a stream that is in database 0. */
    public void record() {
        recording = true;
    }

    /** The requests that repeat what has changed since they were asked for last: each as its words. */
    public List<List<String>> effects() {
        List<List<String>> requests = new ArrayList<>();
        try {
            for (Frame request = stream.next(); request != null; request = stream.next()) {
                requests.add(request.items().stream().map(Frame::text).toList());
            }
        } catch (ProtocolException e) {
            throw new AssertionError("effects that are no requests", e);
        }
        return requests;
    }

    /** A call whose effects go into the stream. */
    private final class RecordedCall extends SlotCall {

        RecordedCall() {
            super(keyspace, reply, settings, new Random(SECRET));
        }

        @Override
        public boolean recording() {
            return recording;
        }

        @Override
        public void endUnit() {
            streamDatabase = effects().write(streamDatabase, (source, offset, length) -> {
                byte[] bytes = source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
                stream.feed(bytes, 0, bytes.length);
            });
            effects().clear();
        }
    }

    /** Lets time pass. */
    public void advance(long ms) {
        nowMs += ms;
    }

    /** Replaces the settings of the calls to come. */
    public void settings(CallSettings newSettings) {
        settings = newSettings;
        call.settings(settings);
    }

    /** Sends a request as typed for redis-cli. */
    public Frame ask(String line) {
        return ask(CommandLine.split(line));
    }

    @Override
    public Frame ask(List<byte[]> arguments) {
        try (Arena arena = Arena.ofConfined()) {
            load(arguments, arena);
            if (request.is(0, "SELECT")) {
                database = Integer.parseInt(request.toText(1));
                reply.ok();
            } else {
                answer();
            }
        }
        buffer.drain(chunk -> {
            decoder.feed(chunk);
            chunk.release();
        });
        try {
            return decoder.next();
        } catch (ProtocolException e) {
            throw new AssertionError("a reply that is none", e);
        }
    }

    private void load(List<byte[]> arguments, Arena arena) {
        int length = arguments.stream().mapToInt(argument -> argument.length).sum();
        MemorySegment bytes = arena.allocate(length + 1L);
        request.begin(bytes);
        int at = 0;
        for (byte[] argument : arguments) {
            MemorySegment.copy(argument, 0, bytes, ValueLayout.JAVA_BYTE, at, argument.length);
            request.add(at, argument.length);
            at += argument.length;
        }
    }

    private void answer() {
        long mark = buffer.mark();
        try {
            Command<SlotCall> command = table.find(request);
            if (command == null) {
                throw table.unknown(request);
            }
            if (!command.accepts(request.count())) {
                throw Errors.wrongArity(command);
            }
            run(command);
            if (recording) {
                call.recordChanges();
            }
        } catch (CommandException e) {
            if (buffer.mark() != mark) {
                throw new AssertionError("an error after a part of the reply: " + e.text());
            }
            reply.error(e.text());
        }
        call.endUnit();
    }

    private int slotOf(int argument) {
        return keyspace.clustered() ? Slot.of(request.bytes(), request.offset(argument), request.length(argument)) : 0;
    }

    private void run(Command<SlotCall> command) {
        int[] slot = {-1};
        command.keys(request, (argument, _) -> {
            int found = slotOf(argument);
            if (slot[0] >= 0 && slot[0] != found) {
                throw new CommandException("CROSSSLOT Keys in request don't hash to the same slot");
            }
            slot[0] = found;
        });
        call.begin(request, database, slot[0], nowMs);
        if (slot[0] < 0) {
            command.body().run(call);
            return;
        }
        keyspace.lock(slot[0]).lock();
        try {
            command.body().run(call);
        } finally {
            keyspace.lock(slot[0]).unlock();
        }
    }

    @Override
    public void resp3(boolean on) {
        reply.resp3(on);
    }

    @Override
    public void configure(String directive, String value) {
        EvictionPolicy policy = settings.policy();
        boolean limited = settings.memoryLimited();
        long longest = settings.stringBytesMax();
        switch (directive) {
            case "maxmemory-policy" -> policy = policy(value);
            case "maxmemory" -> limited = !value.equals("0");
            case "proto-max-bulk-len" -> longest = Long.parseLong(value);
            default -> throw new IllegalArgumentException("no such directive here: " + directive);
        }
        settings(new CallSettings(
                policy, limited, settings.lfuDecayMinutes(), settings.lfuLogFactor(), longest, settings.expiredKeys(),
                settings.lazyExpire(), settings.lazyServerDelete()));
    }

    private static EvictionPolicy policy(String text) {
        return Stream.of(EvictionPolicy.values()).filter(policy -> policy.text().equals(text)).findFirst().orElseThrow();
    }

    @Override
    public String version() {
        return "7.4";
    }

    @Override
    public boolean isGranary() {
        return true;
    }

    @Override
    public void close() {
        buffer.close();
        keyspace.close();
        memory.close();
    }
}
